import { atRest, type Head } from '../../../lambdas/domain/head.ts';
import { lowerOf, type Machine } from './machine.ts';
import { NOW } from './time.ts';
import type { World } from './world.ts';

const ended = (head: Head): boolean =>
  !head.run.active && (head.dueAt === undefined ? atRest(head) : head.wait?.kind === 'person' && head.dueAt > NOW);

/** Idle until the vendor is asked again: an order that waits for it, or one at rest that owes a look. */
export const heldByVendor = (head: Head): boolean =>
  !head.run.active && head.dueAt !== undefined && head.dueAt > NOW && (head.wait?.kind === 'vendor' || (atRest(head) && head.probes.length > 0));

/** No slot is held for a run that is over, and every order is final, or with a person who has a due time, or held for a vendor that is down, or behind one of these. */
export function isGood(machine: Machine, world: World): boolean {
  const rests = (head: Head): boolean => ended(head) || (world.common.down === 'no calls' && heldByVendor(head));
  if (world.common.leases.some((lease) => lease.rev >= 0)) return false;
  return world.orders.every((order, rev) => {
    if (order.head < 0) return true;
    const head = machine.heads.get(order.head);
    if (rests(head)) return true;
    const asked = !head.run.active && head.wait?.code === 'RESTORE_REVISION_MISSING' && head.dueAt !== undefined;
    if (asked) return true; // only who sends the other revision again can end it
    const behind = !head.run.active && head.wait?.kind === 'predecessor' && head.dueAt !== undefined;
    return behind && lowerOf(machine, world, rev).some((lower) => lower.state !== 'cancelled' && rests(lower));
  });
}

/** What the system does by itself, as states are explored in order of their numbers. A time that comes again and again is a poll. */
export function createEdges(mostStates: number, mostEdges: number) {
  const begins = new Int32Array(mostStates + 1);
  /** Target of each edge; of a poll its complement. */
  const to = new Int32Array(mostEdges);
  let size = 0;

  /** The same edges by their target. */
  function reversed(states: number, polls: boolean): { begins: Int32Array; from: Int32Array } {
    const into = new Int32Array(states + 1);
    const targetOf = (edge: number): number => ((to[edge] as number) >= 0 ? (to[edge] as number) : polls ? ~(to[edge] as number) : -1);
    for (let e = 0; e < size; e++) {
      const target = targetOf(e);
      if (target >= 0) into[target + 1] = (into[target + 1] as number) + 1;
    }
    for (let n = 0; n < states; n++) into[n + 1] = (into[n + 1] as number) + (into[n] as number);
    const place = into.slice(0, states);
    const from = new Int32Array(into[states] as number);
    for (let n = 0; n < states; n++)
      for (let e = begins[n] as number; e < (begins[n + 1] as number); e++) {
        const target = targetOf(e);
        if (target < 0) continue;
        from[place[target] as number] = n;
        place[target] = (place[target] as number) + 1;
      }
    return { begins: into, from };
  }

  return {
    full: () => size + 1024 > mostEdges,
    add(target: number, poll: boolean): void {
      to[size++] = poll ? ~target : target;
    },
    /** No more edges come from state `from`. */
    end(from: number): void {
      begins[from + 1] = size;
    },
    /** First state from which no way of the system leads to a good one; -1: there is none. */
    wedge(good: Uint8Array): number {
      const into = reversed(good.length, true);
      const queue = new Int32Array(good.length);
      let last = 0;
      good.forEach((is, n) => {
        if (is) queue[last++] = n;
      });
      for (let first = 0; first < last; first++) {
        const n = queue[first] as number;
        for (let k = into.begins[n] as number; k < (into.begins[n + 1] as number); k++) {
          const before = into.from[k] as number;
          if (good[before]) continue;
          good[before] = 1;
          queue[last++] = before;
        }
      }
      return good.indexOf(0);
    },
    /** A cycle of what the system does by itself, where no time that comes again is waited for, its first state last again; empty: there is none. */
    roundTrip(states: number): number[] {
      const into = reversed(states, false);
      const left = new Int32Array(states);
      for (let n = 0; n < states; n++)
        for (let e = begins[n] as number; e < (begins[n + 1] as number); e++) if ((to[e] as number) >= 0) left[n] = (left[n] as number) + 1;
      const queue = new Int32Array(states);
      let last = 0;
      for (let n = 0; n < states; n++) if (left[n] === 0) queue[last++] = n;
      for (let first = 0; first < last; first++) {
        const n = queue[first] as number;
        for (let k = into.begins[n] as number; k < (into.begins[n + 1] as number); k++) {
          const before = into.from[k] as number;
          left[before] = (left[before] as number) - 1;
          if (left[before] === 0) queue[last++] = before;
        }
      }
      // Each state that is left has a way to one that is left: following them comes back.
      const way: number[] = [];
      for (let n = left.findIndex((count) => count > 0); n >= 0; ) {
        const back = way.indexOf(n);
        if (back >= 0) return [...way.slice(back), n];
        way.push(n);
        let e = begins[n] as number;
        while ((to[e] as number) < 0 || left[to[e] as number] === 0) e++;
        n = to[e] as number;
      }
      return [];
    },
  };
}
