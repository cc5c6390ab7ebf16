import { atRest, type Head } from '../../../lambdas/domain/head.ts';
import { lowerOf, type Machine } from './machine.ts';
import { NOW } from './time.ts';
import type { World } from './world.ts';

/** Transitions that happen by themselves; `poll`: a time that comes again and again. */
export interface Edges {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly poll: readonly boolean[];
}

const ended = (head: Head): boolean =>
  !head.run.active && (head.dueAt === undefined ? atRest(head) : head.wait?.kind === 'person' && head.dueAt > NOW);

/** Idle until the vendor is asked again: an order that waits for it, or one at rest that owes a look. */
export const heldByVendor = (head: Head): boolean =>
  !head.run.active && head.dueAt !== undefined && head.dueAt > NOW && (head.wait?.kind === 'vendor' || (atRest(head) && head.probes.length > 0));

/** Every order is final, or with a person who has a due time, or held for a vendor that is down, or behind one of these. */
export function isGood(machine: Machine, world: World): boolean {
  const rests = (head: Head): boolean => ended(head) || (world.down === 'no calls' && heldByVendor(head));
  return world.orders.every((order, rev) => {
    if (order.head < 0) return true;
    const head = machine.heads.get(order.head);
    if (rests(head)) return true;
    const behind = !head.run.active && head.wait?.kind === 'predecessor' && head.dueAt !== undefined;
    return behind && lowerOf(machine, world, rev).some((lower) => lower.state !== 'cancelled' && rests(lower));
  });
}

/** Edges in order of their target (or source), as a compressed table. */
function table(size: number, keys: readonly number[], values: readonly number[], use: (edge: number) => boolean) {
  const start = new Int32Array(size + 1);
  for (let e = 0; e < keys.length; e++) if (use(e)) start[(keys[e] as number) + 1] = (start[(keys[e] as number) + 1] as number) + 1;
  for (let n = 0; n < size; n++) start[n + 1] = (start[n + 1] as number) + (start[n] as number);
  const place = start.slice();
  const list = new Int32Array(start[size] as number);
  for (let e = 0; e < keys.length; e++) {
    if (!use(e)) continue;
    const key = keys[e] as number;
    list[place[key] as number] = values[e] as number;
    place[key] = (place[key] as number) + 1;
  }
  return { start, list };
}

/** First state from which no way of the system leads to a good one; -1: there is none. */
export function wedges(good: readonly boolean[], edges: Edges): number {
  const into = table(good.length, edges.to, edges.from, () => true);
  const reached = Uint8Array.from(good, Number);
  const queue = good.flatMap((is, n) => (is ? [n] : []));
  for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
    for (let k = into.start[n] as number; k < (into.start[n + 1] as number); k++) {
      const before = into.list[k] as number;
      if (reached[before]) continue;
      reached[before] = 1;
      queue.push(before);
    }
  }
  return reached.indexOf(0);
}

/** First state on or before a cycle of what the system does by itself, where no time that comes again is waited for; -1: there is none. */
export function roundTrips(size: number, edges: Edges): number {
  const use = (edge: number): boolean => !edges.poll[edge];
  const into = table(size, edges.to, edges.from, use);
  const left = new Int32Array(size);
  for (let e = 0; e < edges.from.length; e++) if (use(e)) left[edges.from[e] as number] = (left[edges.from[e] as number] as number) + 1;
  const queue: number[] = [];
  for (let n = 0; n < size; n++) if (left[n] === 0) queue.push(n);
  let peeled = 0;
  for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
    peeled += 1;
    for (let k = into.start[n] as number; k < (into.start[n + 1] as number); k++) {
      const before = into.list[k] as number;
      left[before] = (left[before] as number) - 1;
      if (left[before] === 0) queue.push(before);
    }
  }
  return peeled === size ? -1 : left.findIndex((count) => count > 0);
}
