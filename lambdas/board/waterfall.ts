import { ORDER_EVENTS } from '../../contracts/events.ts';
import type { ExecutionTiming } from '../aws/history.ts';
import type { RevisionView } from '../views/lineage.ts';
import { instant } from '../views/text.ts';

/** Something that happened, or took its time, in a run. Times are ISO 8601. */
export interface Happening {
  readonly kind: 'step' | 'fact' | 'open';
  readonly at: string;
  /** Of a step that has ended. */
  readonly until?: string | undefined;
  readonly text: string;
  readonly detail?: string | undefined;
  readonly failed?: boolean;
  /** Of a fact. */
  readonly sequence?: number | undefined;
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  /** Subscribers that want the event of the fact and have not acknowledged it. */
  readonly behind?: readonly string[] | undefined;
}

/** What belongs to one run; number 0 is what came before the first. */
export interface RunPart {
  readonly run: number;
  readonly happenings: readonly Happening[];
  readonly startedAt: string;
  readonly endedAt: string;
  /** What the cloud's history of the run tells of its steps. */
  readonly steps: 'named' | 'not named' | 'not recorded';
  /** Why the order stood still after it, as its last fact says. */
  readonly waitedFor?: string | undefined;
}

type FactView = RevisionView['facts'][number];

/** What the contract says of a fact; of one that parks an order, the code and the detail say the rest. */
const SUMMARIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(ORDER_EVENTS.map(({ type, summary }) => [type, summary])),
  'order.parked.v1': 'The order was parked: it waits.',
};

/** Facts that say that a call of a vendor was done. */
const CALLS: Readonly<Record<string, string>> = {
  'order.drafted.v1': 'vendor call create-draft done',
  'order.confirmed.v1': 'vendor call confirm-order done',
  'order.draft-cancelled.v1': 'vendor call cancel-draft done',
  'order.tax-recorded.v1': 'vendor call record-tax done',
  'order.tax-voided.v1': 'vendor call void-tax done',
  'order.effect-found.v1': 'vendor call found by a lookup',
};

/** Who has not acknowledged the fact, or a newer one. */
const behindOf = ({ sequence, type }: FactView, { deliveries }: RevisionView): string[] =>
  deliveries
    .filter(({ events, acknowledged }) => acknowledged < sequence && events.some((prefix) => type.startsWith(prefix)))
    .map(({ subscriber }) => subscriber);

const factHappening = (fact: FactView, order: RevisionView): Happening => ({
  kind: 'fact',
  at: fact.at,
  text: SUMMARIES[fact.type] ?? fact.type,
  detail: [CALLS[fact.type], fact.code, fact.detail, fact.stop && `stop: ${fact.stop}`].filter(Boolean).join(', ') || undefined,
  sequence: fact.sequence,
  type: fact.type,
  actor: fact.actor,
  behind: behindOf(fact, order),
});

const stepHappenings = ({ steps }: ExecutionTiming): Happening[] =>
  steps.map(({ name, startedAt, endedAt, calls, error }, at) => ({
    kind: 'step',
    at: startedAt,
    until: endedAt,
    text: name ?? `Call ${at + 1} of a step`,
    detail: [error && `ended with ${error}`, calls > 1 && `${calls} calls`].filter(Boolean).join(', ') || undefined,
    failed: error !== undefined,
  }));

const openHappening = ({ action, at, settleAt }: NonNullable<Open>): Happening => ({
  kind: 'open',
  at,
  text: `Vendor call ${action} is in flight`,
  detail: `it can land until ${instant(settleAt)} UTC`,
});

type Open = { readonly action: string; readonly at: string; readonly settleAt: string } | undefined;

interface Known {
  readonly order: RevisionView;
  readonly open: Open;
  /** By run: what the cloud's history says. */
  readonly timings: ReadonlyMap<number, ExecutionTiming>;
  readonly now: Date;
}

const stepsOf = (timing: ExecutionTiming | undefined): RunPart['steps'] =>
  timing === undefined ? 'not recorded' : timing.steps.some(({ name }) => name === undefined) ? 'not named' : 'named';

function partOf(run: number, { order, open, timings, now }: Known): RunPart | undefined {
  const facts = order.facts.filter((fact) => fact.run === run);
  const timing = timings.get(run);
  const isLast = run === order.run.n;
  const happenings = [
    ...facts.map((fact) => factHappening(fact, order)),
    ...(timing ? stepHappenings(timing) : []),
    ...(isLast && open ? [openHappening(open)] : []),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const times = [...happenings.flatMap(({ at, until }) => [at, until ?? at]), timing?.startedAt, timing?.endedAt].filter(
    (time) => time !== undefined,
  );
  if (isLast && order.run.active) times.push(now.toISOString());
  const sorted = times.sort();
  const [startedAt, endedAt] = [sorted[0], sorted.at(-1)];
  if (startedAt === undefined || endedAt === undefined) return undefined;
  return { run, happenings, startedAt, endedAt, steps: stepsOf(timing), waitedFor: facts.at(-1)?.code };
}

/** All that happened to one order, by run, oldest first; runs of which nothing is known are left out. @param from the first run that is wanted */
export const waterfall = (known: Known, from = 0): RunPart[] =>
  [...new Set([...known.order.facts.map(({ run }) => run), ...known.order.executions.map(({ run }) => run)])]
    .filter((run) => run >= from)
    .sort((a, b) => a - b)
    .flatMap((run) => partOf(run, known) ?? []);
