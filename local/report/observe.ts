import { setTimeout as pause } from 'node:timers/promises';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Fact } from '../../lambdas/ledger/append.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { lineage, readHeads } from '../../lambdas/ledger/queries.ts';
import type { ReceiverState } from '../vendors/receivers.ts';
import { compareReceiver } from './compare.ts';

const AT_ONCE = 10;

/** Which of these keys are orders of other tenants: whoever tries something beside this run shares the ERP and the subscribers with it. */
export async function ofOthers(ledger: Ledger, tenant: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const heads = await readHeads(ledger, keys);
  return new Set(heads.filter((head) => head.tenant !== tenant).map(({ orderKey }) => orderKey));
}

interface Observing {
  readonly ledger: Ledger;
  readonly tenant: string;
  readonly orderKeys: readonly string[];
  /** URL of the receivers; each answers its state below its name. */
  readonly receivers: string;
  /** Subscriber -> prefixes of the event types that it asked for. */
  readonly subscribers: Readonly<Record<string, readonly string[]>>;
  readonly signal: AbortSignal;
  readonly show: (behind: number) => void;
}

export interface Observed {
  readonly heads: readonly Head[];
  readonly facts: ReadonlyMap<string, readonly Fact[]>;
  readonly receivers: Readonly<Record<string, { state: ReceiverState; differences: string[] }>>;
}

/** Facts of orders that have new ones; facts never change, so what is known is not read again. */
async function readFacts(ledger: Ledger, heads: readonly Head[], known: Map<string, readonly Fact[]>): Promise<void> {
  const stale = heads.filter(({ orderKey, seq }) => known.get(orderKey)?.at(-1)?.seq !== seq);
  for (let from = 0; from < stale.length; from += AT_ONCE) {
    const batch = stale.slice(from, from + AT_ONCE);
    await Promise.all(batch.map(async ({ orderKey }) => known.set(orderKey, (await lineage(ledger, orderKey)).facts)));
  }
}

async function readReceiver(url: string, name: string): Promise<ReceiverState> {
  const response = await fetch(`${url}/${name}/state`);
  if (!response.ok) throw new Error(`receiver ${name} answered ${response.status}`);
  return (await response.json()) as ReceiverState;
}

/** Reads the ledger and every subscriber until they agree, or until deliveries had time enough. */
export async function observe({ ledger, tenant, orderKeys, receivers: url, subscribers, signal, show }: Observing): Promise<Observed> {
  const facts = new Map<string, readonly Fact[]>();
  const end = Date.now() + 60_000 + orderKeys.length * 200;
  for (;;) {
    const heads = await readHeads(ledger, orderKeys);
    await readFacts(ledger, heads, facts);
    const states = await Promise.all(
      Object.entries(subscribers).map(async ([name, prefixes]) => {
        const state = await readReceiver(url, name);
        const others = await ofOthers(
          ledger,
          tenant,
          Object.keys(state.orders).filter((key) => !facts.has(key)),
        );
        return [name, { state, differences: compareReceiver(facts, prefixes, state, others) }] as const;
      }),
    );
    const behind = states.reduce((sum, [, { differences }]) => sum + differences.length, 0);
    if (behind === 0 || Date.now() > end) return { heads, facts, receivers: Object.fromEntries(states) };
    show(behind);
    await pause(500, undefined, { signal });
  }
}
