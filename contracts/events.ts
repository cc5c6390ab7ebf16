import * as z from 'zod';
import { defineEvent } from './envelope.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { decimal, money } from './money.ts';
import { identifier, quoteContent, quoteHeader } from './quote.ts';
import { OWNER_GROUPS, TASK_OPTIONS } from './tasks.ts';
import { orderKey } from './workflow.ts';

/** Where the quote document is stored, and the hash of its business fields. */
export const documentReference = z.object({ key: z.string().min(1).max(400), hash: z.string().regex(/^[0-9a-f]{64}$/) });
export type DocumentReference = z.infer<typeof documentReference>;

const quoteIdentity = quoteHeader.pick({ cpq: true, id: true, number: true, revision: true });

/**
 * Producers send the content inline on the inbound bus; the intake stores it and passes on a reference, so that messages on the
 * business bus stay small and free of personal data. Exactly one of the two is present.
 */
export const quoteAccepted = defineEvent(
  'quote.accepted.v1',
  'The customer accepted this revision of a quote: one order has to be made of it.',
  z
    .object({
      quote: quoteHeader,
      acceptedAt: z.iso.datetime({ offset: true }),
      content: quoteContent.optional(),
      document: documentReference.optional(),
    })
    .refine((data) => (data.content === undefined) !== (data.document === undefined), 'exactly one of content and document'),
);

const milestone = z.object({ quote: quoteIdentity, at: z.iso.datetime({ offset: true }) });
export const quoteCreated = defineEvent('quote.created.v1', 'A quote was created in the CPQ.', milestone);
export const quoteSubmitted = defineEvent('quote.submitted.v1', 'A quote was submitted for approval in the CPQ.', milestone);
export const quoteApproved = defineEvent('quote.approved.v1', 'A quote was approved in the CPQ.', milestone);
export const quoteRejected = defineEvent('quote.rejected.v1', 'A quote was rejected in the CPQ before it was accepted.', milestone);
export const quoteExpired = defineEvent('quote.expired.v1', 'A quote was not accepted before the end of its validity.', milestone);
export const quoteWithdrawn = defineEvent(
  'quote.withdrawn.v1',
  'A quote was taken back up to and including this revision: no order may come of it, and one that is under way has to stop.',
  milestone,
);

export const QUOTE_EVENTS = [quoteAccepted, quoteCreated, quoteSubmitted, quoteApproved, quoteRejected, quoteExpired, quoteWithdrawn] as const;
export const MILESTONES = ['created', 'submitted', 'approved', 'rejected', 'expired'] as const;
export type Milestone = (typeof MILESTONES)[number];

const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/**
 * The full status of an order, in every order event: a consumer applies it if `sequence` is newer than what it has, so neither
 * order nor repetition of deliveries matters.
 */
export const orderSnapshot = z.object({
  orderKey,
  sequence: z.int().min(1),
  state: z.enum(['accepted', 'drafted', 'confirmed', 'completed', 'cancelled', 'reversed']),
  quote: quoteHeader,
  erp: z.object({
    instance: identifier,
    reference: z.string().optional().describe("the ERP's id of the draft or order"),
    number: z.string().optional().describe("the ERP's order number"),
    total: money.optional().describe('as the ERP computed it, with tax'),
  }),
  deadline: z.iso.datetime().optional().describe('until when it was to be completed; an order that is not completed or ended then is late'),
  tax: z.object({ document: z.string(), amount: decimal, status: z.enum(['recorded', 'voided']) }).optional(),
  waiting: z
    .object({
      for: z.enum(['vendor', 'person', 'predecessor', 'later', 'settle']),
      code: errorCode,
      class: z.string(),
      owner: z.string(),
      detail: z.string().max(500).optional(),
      since: z.iso.datetime(),
      due: z.iso.datetime().optional(),
      task: z.string().max(40).optional().describe('the question to a person; left out where none of this order is asked'),
    })
    .optional(),
  stop: z.enum(['cancel', 'withdrawn', 'superseded', 'policy']).optional(),
  decision: z
    .object({
      task: z.string().max(40),
      code: errorCode,
      option: z.enum(TASK_OPTIONS),
      reason: z.string().max(300),
      at: z.iso.datetime(),
    })
    .optional()
    .describe('the last answer of a person, or of the policy in place of one'),
  amends: orderKey.optional().describe('order of an earlier revision of the quote, which stays in the ERP beside this one'),
  note: z.string().max(300).optional().describe('what the status does not say and a person should know'),
});
export type OrderSnapshot = z.infer<typeof orderSnapshot>;

const order = <T extends string>(type: T, summary: string) => defineEvent(type, summary, orderSnapshot);
export const orderAccepted = order('order.accepted.v1', 'An order was opened for an accepted quote.');
export const orderDrafted = order('order.drafted.v1', 'The ERP holds a draft of the order.');
export const orderDraftCancelled = order('order.draft-cancelled.v1', 'A draft was cancelled in the ERP.');
export const orderTaxRecorded = order('order.tax-recorded.v1', 'A tax document was recorded, uncommitted.');
export const orderTaxVoided = order('order.tax-voided.v1', 'The tax document was voided.');
export const orderConfirmed = order('order.confirmed.v1', 'The ERP confirmed the order.');
export const orderCompleted = order('order.completed.v1', 'The order was read back from the ERP; nothing is left to do.');
export const orderParked = order('order.parked.v1', 'The order waits: for whom, why and until when is in the snapshot.');
export const orderStopRequested = order('order.stop-requested.v1', 'A cancellation, withdrawal or newer revision asks the order to stop.');
export const orderCancelled = order('order.cancelled.v1', 'The order ended without an order in the ERP.');
export const orderReversed = order('order.reversed.v1', 'The ERP reversed the confirmed order.');
export const orderAmendmentOpened = order(
  'order.amendment-opened.v1',
  'The order amends one of an earlier revision that the ERP has: it names that one, which stays.',
);
export const orderEffectFound = order('order.effect-found.v1', 'A call of which no answer had come turned out to have been done.');
export const orderResumed = order('order.resumed.v1', 'What the order waited for has happened or was decided: it runs again.');
export const orderDecided = order('order.decided.v1', 'A person answered what the order waited for, or the policy did in place of one.');
export const orderEscalated = order('order.escalated.v1', 'Nobody answered in time: the next group is asked.');
export const orderContentConflicted = order(
  'order.content-conflicted.v1',
  'The same revision of the quote came again with other content; the first goes on, the other stands in quarantine.',
);

export const ORDER_EVENTS = [
  orderAccepted,
  orderDrafted,
  orderDraftCancelled,
  orderTaxRecorded,
  orderTaxVoided,
  orderConfirmed,
  orderCompleted,
  orderParked,
  orderStopRequested,
  orderCancelled,
  orderReversed,
  orderAmendmentOpened,
  orderEffectFound,
  orderResumed,
  orderDecided,
  orderEscalated,
  orderContentConflicted,
] as const;
export type OrderEventType = (typeof ORDER_EVENTS)[number]['type'];

/** What an owner group has to answer, since the last digest and as a whole; about many orders one event, not one each. */
export const taskDigest = defineEvent(
  'task.digested.v1',
  'What a group of people is asked: new, due soon, overdue and escalated questions, what they are worth, and the most frequent ones.',
  z.object({
    owner: z.enum(OWNER_GROUPS),
    /** Questions that were opened, or came to this group by escalation, since `since`. */
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    open: z.int().min(0),
    fresh: z.int().min(0),
    dueSoon: z.int().min(0).describe('within the time until the next digest'),
    overdue: z.int().min(0),
    escalated: z.int().min(0).describe('asked of this group because another did not answer'),
    orders: z.int().min(0).describe('that wait for the answers'),
    money: z.array(money).describe('totals before tax of these orders, by currency'),
    more: z.literal(true).optional().describe('there are more orders than were counted, and they are worth more'),
    top: z.array(z.object({ code: errorCode, tasks: z.int().min(1) })).max(5),
  }),
);
export const TASK_EVENTS = [taskDigest] as const;

export const ALL_EVENTS = [...QUOTE_EVENTS, ...ORDER_EVENTS, ...TASK_EVENTS] as const;
