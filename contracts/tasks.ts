import type { ErrorCode, OwnerGroup } from './errors.ts';
import { type CauseKind, isMapping } from './reference.ts';

export const OWNER_GROUPS = ['sales-operations', 'master-data', 'finance', 'erp-support', 'platform'] as const satisfies readonly OwnerGroup[];

/** Is this person one of the members of a group? They are written in full, or with a `*` at the end for whatever follows. */
export const isAmong = (members: readonly string[], person: string): boolean =>
  members.some((member) => (member.endsWith('*') ? person.startsWith(member.slice(0, -1)) : member === person));

/**
 * What a person can answer to a task.
 * retry: the cause is gone, run the order. correct: set the mapping or customer link that is missing. reroute: make it in another ERP
 * instance. approve, reject: of an approval; reject undoes the order. cancel: undo the order. keep: a cancel or withdrawal after the pivot
 * is turned down. reversed: the ERP has reversed the order, which is read back. amend: past the pivot, make the newer revision an order
 * of its own that names the old one. dismiss: of a rejected event nothing more comes, the order goes on as it is.
 */
export const TASK_OPTIONS = ['retry', 'correct', 'reroute', 'approve', 'reject', 'cancel', 'keep', 'reversed', 'amend', 'dismiss'] as const;
export type TaskOption = (typeof TASK_OPTIONS)[number];

const MAPPING: readonly TaskOption[] = ['correct', 'cancel'];
const CUSTOMER: readonly TaskOption[] = ['retry', 'correct', 'reroute', 'cancel'];
const APPROVAL: readonly TaskOption[] = ['approve', 'reject'];
const AFTER_PIVOT: readonly TaskOption[] = ['keep', 'reversed'];

/** The answers that a question allows. Codes that are not named ask with `retry` and `cancel`. */
const OPTIONS: Readonly<Partial<Record<ErrorCode, readonly TaskOption[]>>> = {
  CUSTOMER_UNKNOWN: MAPPING,
  CUSTOMER_BLOCKED: CUSTOMER,
  PRODUCT_UNMAPPED: MAPPING,
  CARRIER_UNMAPPED: MAPPING,
  CHARGE_UNSUPPORTED: ['cancel'],
  QUOTE_CONTENT_CHANGED: ['dismiss'],
  PRICE_OUT_OF_TOLERANCE: ['retry', 'approve', 'reject'],
  ERP_NOT_CONFIGURED: ['retry', 'reroute', 'cancel'],
  PREDECESSOR_PAST_PIVOT: ['reversed', 'amend', 'cancel'],
  CANCEL_AFTER_PIVOT: AFTER_PIVOT,
  WITHDRAWN_AFTER_PIVOT: AFTER_PIVOT,
  APPROVAL_NEEDED: APPROVAL,
  CPQ_APPROVAL_MISSING: APPROVAL,
  CREDIT_BLOCKED: ['retry', 'approve', 'reject'],
  CUSTOMER_HIERARCHY_GAP: ['retry', 'correct', 'approve', 'reject'],
};

/** What can be answered for all orders that wait for one cause at once: the mapping is set, all run again, in another ERP, or all are cancelled. */
const FOR_ALL: readonly TaskOption[] = ['retry', 'correct', 'reroute'];

/** Answers that a question has only where it is about a mapping: there is none behind the freight of an ERP. */
const OF_MAPPING: Readonly<Partial<Record<ErrorCode, readonly TaskOption[]>>> = { PRODUCT_INACTIVE: ['retry', 'correct'] };

/** @param cause kind of the cause that many orders wait for: an approval is given to one order, for its content; left out: about one order */
export function optionsOf(code: ErrorCode, cause?: CauseKind): readonly TaskOption[] {
  const options = OPTIONS[code] ?? ['retry', 'cancel'];
  if (cause === undefined) return options;
  return [...((isMapping(cause) && OF_MAPPING[code]) || options.filter((option) => FOR_ALL.includes(option))), 'cancel'];
}

/** What others call this person: "cli:anna", "board:anna" and the ARN "...:assumed-role/Finance/Anna" are "anna". */
const nameOf = (person: string): string => person.replace(/^(cli:|board:|arn:.*\/)/, '').toLowerCase();

/**
 * Are these two names of one person, by whichever way it comes? A name without a domain is taken for anybody's with that name ("anna" for
 * "anna@example.com"): rather is an approval refused to a namesake than given by who asked for it.
 */
export function isSamePerson(one: string, other: string): boolean {
  const [a, b] = [nameOf(one), nameOf(other)];
  return a === b || a.split('@')[0] === b || b.split('@')[0] === a;
}
