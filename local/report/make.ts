import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Fact } from '../../lambdas/ledger/append.ts';
import type { Quarantined } from '../../lambdas/ledger/quarantine.ts';
import type { Defaults } from '../../lambdas/views/defaults.ts';
import { nextCommand } from '../../lambdas/views/next-command.ts';
import type { SaleCount } from '../erp/count.ts';
import { settled } from '../feed/tally.ts';
import { compareErp, ordersIn } from './compare.ts';
import { type Report, report, type WaitingGroup } from './data.ts';
import type { Observed } from './observe.ts';
import { percentile } from './statistics.ts';

/** A quote that was sent. */
interface SentQuote {
  readonly number: string;
  readonly orderKey: string;
  /** When its customer accepted it in the CPQ, in milliseconds. */
  readonly acceptedAt: number;
}

/** Everything that was seen of a run. */
export interface Seen {
  readonly quotes: readonly SentQuote[];
  readonly sent: Omit<Report['quotes'], 'sent'>;
  readonly observed: Observed;
  readonly rejected: ReadonlyMap<string, Quarantined>;
  readonly gaveUp?: string | undefined;
  /** The ERP's own count. */
  readonly sales: SaleCount;
  readonly defaults: Defaults;
  readonly versions: Readonly<Record<string, string>>;
  /** Milliseconds: when the command began, when everything was up, when the end of the last quote was known, and now. */
  readonly times: { readonly start: number; readonly up: number; readonly flowed: number; readonly end: number };
}

type Exception = WaitingGroup['orders'][number];

function waitingOf({ quotes, observed, rejected, defaults }: Seen): WaitingGroup[] {
  const heads = new Map(observed.heads.map((head) => [head.orderKey, head]));
  const found = quotes.flatMap(({ number: quote, orderKey }): { code: ErrorCode; exception: Exception }[] => {
    const head = heads.get(orderKey);
    const entry = rejected.get(orderKey);
    if (head?.wait) {
      const next = nextCommand(head, defaults);
      const { cure } = ERRORS[head.wait.code];
      return [
        { code: head.wait.code, exception: { quote, orderKey, detail: head.wait.detail ?? '', cure: next?.cure ?? cure, command: next?.command } },
      ];
    }
    if (!entry) return [];
    const command = `npx quotebridge quarantine show ${entry.id}`;
    return [{ code: entry.code, exception: { quote, orderKey, detail: entry.detail, cure: ERRORS[entry.code].cure, command } }];
  });
  return [...Map.groupBy(found, ({ code }) => code)].map(([code, all]) => {
    const { title, class: group, owner } = ERRORS[code];
    return { code, title, class: group, owner, orders: all.map(({ exception }) => exception) };
  });
}

/** Quotes that are neither one order in the ERP nor have a reason: each with where it is. */
function unaccountedOf({ quotes, observed, rejected, sales }: Seen): string[] {
  const heads = new Map(observed.heads.map((head) => [head.orderKey, head]));
  return quotes.flatMap(({ number, orderKey }) => {
    const head = heads.get(orderKey);
    if (!head) return rejected.has(orderKey) ? [] : [`${number} (${orderKey}): sent, and nothing of it in the ledger`];
    const ordered = head.state === 'completed' && sales.byKey.get(orderKey)?.length === 1;
    if (settled(head) && (head.wait || ordered)) return [];
    return [
      `${number} (${orderKey}): ${head.state}${head.wait ? `, ${head.wait.code}` : ''}${head.run.active ? `, run ${head.run.n} under way` : ''}`,
    ];
  });
}

const at = (fact: Fact | undefined): number | undefined => (fact === undefined ? undefined : Date.parse(fact.event.time));

function cycleOf({ quotes, observed }: Seen): Report['cycle'] {
  const heads = new Map(observed.heads.map((head) => [head.orderKey, head]));
  const completed = quotes.flatMap(({ orderKey, acceptedAt }) => {
    const time = at(observed.facts.get(orderKey)?.find(({ event }) => event.type === 'order.completed.v1'));
    return time === undefined ? [] : [{ seconds: (time - acceptedAt) / 1000, run: runOf(heads.get(orderKey), time) }];
  });
  const seconds = completed.map((one) => one.seconds).sort((a, b) => a - b);
  const runs = completed.map(({ run }) => run);
  return { seconds, median: percentile(seconds, 0.5), p95: percentile(seconds, 0.95), run: percentile(runs, 0.5) };
}

const runOf = (head: Head | undefined, completed: number): number => (head ? (completed - Date.parse(head.run.startedAt)) / 1000 : 0);

function timesOf({ observed, times }: Seen): Report['times'] {
  const confirmations = [...observed.facts.values()].flatMap((facts) => at(facts.find(({ event }) => event.type === 'order.confirmed.v1')) ?? []);
  const since = (moment: number, start: number) => Math.max(0, moment - start) / 1000;
  return {
    bringUp: since(times.up, times.start),
    firstOrder: confirmations.length > 0 ? since(Math.min(...confirmations), times.start) : undefined,
    flow: since(times.flowed, times.up),
    total: since(times.end, times.start),
  };
}

const subscribersOf = ({ observed }: Seen): Report['subscribers'] =>
  Object.entries(observed.receivers).map(([name, { state, differences }]) => {
    const { received, applied, ignored, refused, malformed, unavailable } = state.counters;
    return { name, received, applied, ignored, refused: refused + malformed + unavailable, differences };
  });

/** The report of a run. @throws ZodError when it is not what its schema promises */
export function makeReport(seen: Seen): Report {
  const { sales, observed } = seen;
  const erp = { orders: ordersIn(sales), duplicates: [...sales.duplicates], states: sales.states, differences: compareErp(observed.heads, sales) };
  const subscribers = subscribersOf(seen);
  const unaccounted = unaccountedOf(seen);
  const differences = [...erp.duplicates, ...erp.differences, ...subscribers.flatMap((one) => one.differences), ...unaccounted];
  return report.parse({
    version: 1,
    at: new Date(seen.times.end).toISOString(),
    ok: differences.length === 0 && seen.gaveUp === undefined,
    versions: seen.versions,
    quotes: { sent: seen.quotes.length, ...seen.sent },
    erp,
    waiting: waitingOf(seen),
    unaccounted,
    gaveUp: seen.gaveUp,
    subscribers,
    cycle: cycleOf(seen),
    times: timesOf(seen),
  } satisfies Report);
}
