import { setTimeout as pause } from 'node:timers/promises';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { listQuarantine, type Quarantined } from '../../lambdas/ledger/quarantine.ts';
import { readHeads } from '../../lambdas/ledger/queries.ts';
import { settled, type Tally, tally } from './tally.ts';

/** A quote that is sent, and the key of the order that it has to become. */
export interface Expected {
  readonly recordId: string;
  readonly number: string;
  readonly orderKey: string;
}

interface Watching {
  readonly ledger: Ledger;
  readonly tenant: string;
  readonly quotes: readonly Expected[];
  readonly signal: AbortSignal;
  readonly show: (tally: Tally) => void;
}

export interface Watched {
  /** Orders by key. */
  readonly heads: ReadonlyMap<string, Head>;
  /** Quotes that were rejected, by the key that their order would have. */
  readonly rejected: ReadonlyMap<string, Quarantined>;
  /** Why the watch ended before the end of every quote was known. */
  readonly gaveUp?: string;
}

const LOOK_MS = 500;
/** The ERP alone takes about a second an order; a machine that is five times slower still ends in time. */
const PATIENCE = { base: 180, perQuote: 5, still: 180 };

/** The quotes that stand in quarantine: an entry quotes the event that named the record. */
async function rejections(ledger: Ledger, tenant: string, missing: readonly Expected[]): Promise<[string, Quarantined][]> {
  if (missing.length === 0) return [];
  const entries = await listQuarantine(ledger, tenant);
  return missing.flatMap(({ recordId, orderKey }): [string, Quarantined][] => {
    const entry = entries.find(({ detail, original }) => detail.includes(recordId) || ('text' in original && original.text.includes(recordId)));
    return entry ? [[orderKey, entry]] : [];
  });
}

/** Waits until the end of every quote is known, or until nothing more is to be expected. */
export async function watch({ ledger, tenant, quotes, signal, show }: Watching): Promise<Watched> {
  const heads = new Map<string, Head>();
  const rejected = new Map<string, Quarantined>();
  const patience = new Patience(quotes.length, Date.now());
  for (;;) {
    const started = Date.now();
    const open = quotes.filter(({ orderKey }) => !rejected.has(orderKey) && !(heads.has(orderKey) && settled(heads.get(orderKey) as Head)));
    for (const head of await readHeads(
      ledger,
      open.map(({ orderKey }) => orderKey),
    ))
      heads.set(head.orderKey, head);
    for (const [key, entry] of await rejections(
      ledger,
      tenant,
      open.filter(({ orderKey }) => !heads.has(orderKey)),
    ))
      rejected.set(key, entry);
    const now = tally(
      quotes.length,
      [...heads.values()],
      [...rejected.values()].map(({ code }) => code),
    );
    show(now);
    if (now.settled === quotes.length) return { heads, rejected };
    const gaveUp = patience.over(
      [...heads.values()].reduce((sum, { version }) => sum + version, rejected.size),
      Date.now(),
    );
    if (gaveUp !== undefined) return { heads, rejected, gaveUp };
    // Looking costs the local cloud time that the orders need: at most a tenth of it.
    await pause(Math.max(LOOK_MS, (Date.now() - started) * 9), undefined, { signal });
  }
}

/** How long a run may take, and how long nothing may happen in it. */
export class Patience {
  readonly #seconds: number;
  readonly #started: number;
  #moved: { at: number; mark: number };

  constructor(quotes: number, now: number) {
    this.#seconds = PATIENCE.base + PATIENCE.perQuote * quotes;
    this.#started = now;
    this.#moved = { at: now, mark: 0 };
  }

  /**
   * @param mark changes whenever an order changes
   * @returns why it is over, or undefined
   */
  over(mark: number, now: number): string | undefined {
    if (mark !== this.#moved.mark) this.#moved = { at: now, mark };
    if (now - this.#started > this.#seconds * 1000) return `the time for this many quotes, ${Math.round(this.#seconds / 60)} minutes, is over`;
    if (now - this.#moved.at > PATIENCE.still * 1000) return `no order has changed for ${PATIENCE.still / 60} minutes`;
    return undefined;
  }
}
