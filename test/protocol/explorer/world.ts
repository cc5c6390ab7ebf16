import type { ErrorCode } from '../../../contracts/errors.ts';

/** What the exploration may spend of each thing that the outside world does. */
export const EVENTS = [
  'crash',
  'zombie',
  'death',
  'cancel',
  'correction',
  'error',
  'stuck',
  'early',
  'down',
  'twin',
  'decide',
  'withdraw',
  'restore',
] as const;
export type Budget = (typeof EVENTS)[number];

export type Effect = 'create-draft' | 'confirm-order' | 'cancel-draft' | 'record-tax' | 'void-tax';
export type StepName = 'prepare' | 'estimate' | 'draft' | 'tax' | 'confirm' | 'complete' | 'settle' | 'void' | 'undo';
/** Name of the error with which Settle is entered. */
export type Caught = '' | 'Stop' | 'RetrySoon' | 'Died';

/**
 * One document of the ERP: [status, generation of its key, mapping it was made from]. Its reference is its place, from '1'.
 * Tax documents: status r(ecorded) or v(oided).
 */
export type Docs = readonly string[];

/** One revision: its HEAD (by number in the table of heads; -1: not accepted yet), its documents, and its execution. */
export interface Order {
  readonly head: number;
  readonly docs: Docs;
  readonly taxes: Docs;
  /** Cancelled or superseded before its pivot: no order may come of it. */
  readonly asked: boolean;
  /** A person has decided to keep the order although its cancellation was asked for, and nobody has asked since. */
  readonly kept: boolean;
  readonly execution: 'none' | 'running' | 'finished';
  /** The state that the execution stands in, and what was caught on the way. */
  readonly at: StepName;
  readonly caught: Caught;
  /** A message for the starter is under way; looked at only where the scope models messages. */
  readonly message: boolean;
}

/** One invocation of a function. */
export interface Call {
  readonly step: StepName;
  readonly rev: number;
  /** Its run is the current one and not over. */
  readonly current: boolean;
  /** The execution waits for its answer; otherwise it is a zombie. */
  readonly awaited: boolean;
  readonly at:
    | 'start'
    | 'alone'
    | 'look'
    | 'settle'
    | 'act'
    | 'called'
    | 'answered'
    | 'probed'
    | 'prepared'
    | 'record'
    | 'late'
    | 'adopt'
    | 'found'
    | 'restored'
    | 'last'
    | 'release'
    | 'wake';
  /** Its attempt (or the one it settles) is the one in the slot. */
  readonly own: boolean;
  readonly action: Effect | '';
  readonly target: string;
  readonly stale: boolean;
  /** What it saw of HEAD: draft, inputs of that draft, generation, and the inputs that it prepared. */
  readonly draft: string;
  readonly made: string;
  readonly generation: number;
  readonly inputs: string;
  readonly unknown: boolean;
  /** Drafts still to be cancelled. */
  readonly queue: string;
  /** What it saw in the ERP. */
  readonly seen: string;
  readonly answer: 'done' | 'refused' | 'not-sent' | '';
  readonly code: ErrorCode | '';
  /** HEAD that a last write was decided on; only where the compare-and-set is mutated. */
  readonly basis: number;
}

/** A call whose caller is gone: it may still land, or not. */
export interface Flight {
  readonly rev: number;
  readonly action: Effect;
  readonly own: boolean;
  readonly target: string;
  readonly generation: number;
  readonly inputs: string;
}

/** Who holds a slot of admission: the run of a revision, next, current or older. `rev` -1: nobody. */
export interface Lease {
  readonly rev: number;
  readonly run: 'next' | 'current' | 'old';
}

/** One invocation of the starter that found an order due; looked at only where the scope has slots. */
export interface Starter extends Lease {
  readonly at: 'take' | 'line' | 'raise' | 'release';
  readonly slot: number;
  /** It stood in line before. */
  readonly again: boolean;
}

/** What is not of one order. */
export interface Common {
  /** Highest accepted revision, from 1; 0: none. */
  readonly highest: number;
  readonly mapping: string;
  /** Revisions up to this one are withdrawn; 0: none. */
  readonly withdrawn: number;
  /** The ledger as it was when the backup was made: HEAD of each order, then the highest revision, then what was withdrawn. */
  readonly backup: readonly number[];
  /** The ledger was restored. */
  readonly restored: boolean;
  /** By slot. */
  readonly leases: readonly Lease[];
  readonly budget: Readonly<Record<Budget, number>>;
  /** What is broken for good: the ERP refuses every cancel, no call is made, every execution dies. */
  readonly down: '' | 'no cancels' | 'no calls' | 'no executions';
}

export interface World {
  readonly common: Common;
  readonly orders: readonly Order[];
  readonly calls: readonly Call[];
  readonly flights: readonly Flight[];
  readonly starters: readonly Starter[];
  /** What this step did that must never be done. */
  readonly wrong: string;
}

export const nobody: Omit<Call, 'step' | 'rev'> = {
  current: true,
  awaited: true,
  at: 'start',
  own: false,
  action: '',
  target: '',
  stale: false,
  draft: '',
  made: '',
  generation: 0,
  inputs: '',
  unknown: false,
  queue: '',
  seen: '',
  answer: '',
  code: '',
  basis: -1,
};

const bit = (value: boolean): string => (value ? '1' : '0');

/** Equal parts have equal names (store.ts). */
export const nameOfCall = (c: Call): string =>
  `${c.step},${c.rev},${c.at},${bit(c.current)}${bit(c.awaited)}${bit(c.own)}${bit(c.stale)}${bit(c.unknown)},${c.action},${c.target},${c.draft},${c.made},${c.generation},${c.inputs},${c.queue},${c.seen},${c.answer},${c.code},${c.basis}`;
export const nameOfFlight = (f: Flight): string => `${f.rev},${f.action},${bit(f.own)},${f.target},${f.generation},${f.inputs}`;
export const nameOfOrder = (o: Order): string =>
  `${o.head},${o.docs.join('.')},${o.taxes.join('.')},${bit(o.asked)}${bit(o.kept)}${bit(o.message)},${o.execution},${o.at},${o.caught}`;
const nameOfLease = (l: Lease): string => `${l.rev}${l.run}`;
export const nameOfCommon = (c: Common): string =>
  `${c.highest},${c.mapping},${c.withdrawn},${c.backup.join('.')},${bit(c.restored)},${c.down},${EVENTS.map((event) => c.budget[event]).join('')},${c.leases.map(nameOfLease)}`;
export const nameOfStarter = (s: Starter): string => `${nameOfLease(s)},${s.at},${s.slot},${bit(s.again)}`;

export const drafts = (docs: Docs): string[] => docs.flatMap((doc, n) => (doc.startsWith('d') ? [String(n + 1)] : []));
export const confirmed = (docs: Docs): number => docs.filter((doc) => doc.startsWith('c')).length;
