import { atRest, type Head } from '../../lambdas/domain/head.ts';
import { duration } from '../report/statistics.ts';

/** Whether nothing will happen to an order any more without a person. */
export const settled = (head: Head): boolean => !head.run.active && !head.open && (atRest(head) || head.wait?.kind === 'person');

export interface Tally {
  readonly total: number;
  readonly accepted: number;
  readonly completed: number;
  /** Orders that wait and quotes that were rejected, by code. */
  readonly waiting: Readonly<Record<string, number>>;
  /** Quotes of which the end is known: at rest, waiting for a person, or rejected. */
  readonly settled: number;
}

/** Where the orders are. @param rejected codes of the quotes that made no order */
export function tally(total: number, heads: readonly Head[], rejected: readonly string[]): Tally {
  const waiting: Record<string, number> = {};
  for (const code of [...heads.flatMap((head) => head.wait?.code ?? []), ...rejected]) waiting[code] = (waiting[code] ?? 0) + 1;
  return {
    total,
    accepted: heads.length,
    completed: heads.filter((head) => head.state === 'completed').length,
    waiting,
    settled: heads.filter(settled).length + rejected.length,
  };
}

/** Orders that make a pace. */
const ENOUGH = 5;

/** Orders a second over the last minute, so that a slow start does not spoil it. */
export class Pace {
  readonly #samples: { at: number; done: number }[] = [];

  /** @returns undefined while too little is known: the first orders wait for cold functions, and a pace of theirs says hours */
  perSecond(done: number, now: number): number | undefined {
    this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > 60_000) this.#samples.shift();
    const first = this.#samples[0];
    if (!first || done - first.done < ENOUGH || now - first.at < 1000) return undefined;
    return (done - first.done) / ((now - first.at) / 1000);
  }
}

/** The counter in one line; what may be cut off on a narrow terminal comes last. */
export function counter({ total, accepted, completed, waiting, settled: done }: Tally, sent: number, perSecond: number | undefined): string {
  const codes = Object.entries(waiting).map(([code, count]) => `${count} ${code}`);
  const pace = perSecond === undefined ? [] : [`${perSecond.toFixed(1)}/s`, `${duration((total - done) / perSecond)} left`];
  const parts = [`${sent} sent`, `${accepted} accepted`, `${completed} completed`, ...pace];
  return [
    ...parts,
    `${Object.values(waiting).reduce((sum, count) => sum + count, 0)} waiting${codes.length > 0 ? `: ${codes.join(', ')}` : ''}`,
  ].join(', ');
}
