import * as z from 'zod';
import { ERRORS, type ErrorCode } from './errors.ts';
import { currency, decimal } from './money.ts';
import { identifier } from './quote.ts';
import { OWNER_GROUPS } from './tasks.ts';

const seconds = z.int().min(1);
const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);
const ownerGroup = z.enum(OWNER_GROUPS);

/** Within either bound passes. */
const bounds = z.object({ absolute: decimal.describe('in the currency of the quote'), relative: decimal.describe('share: 0.005 is half a percent') });

/** How an order that stopped with a code tries again by itself. */
const retry = z.object({
  seconds: seconds.describe('until the next run'),
  times: z.int().min(0).describe('in a row; after that the owner of the code is asked'),
  jitter: z.number().min(0).max(1).default(0.2).describe('share of the seconds by which they vary, so that orders do not come back all at once'),
});

/** What a person who is asked gets: time, and who is asked when it is over. */
const asking = z.object({
  due: seconds.describe('working time of the owner group until the answer is due'),
  escalate: z.array(ownerGroup).describe('who is asked next, one after the other, each with the same time'),
  atLast: z
    .enum(['cancel', 'reject', 'keep', 'retry'])
    .optional()
    .describe('decided by the system when the last one in the chain has not answered; left out: the task stays open and overdue'),
});

/**
 * A line of the approval matrix. All conditions that are given must hold; amounts and shares are decimal strings. `approvers`: who has
 * to approve, in this order; of a group any one member.
 */
const approvalRule = z.object({
  id: identifier,
  title: z.string().max(120),
  when: z.object({
    discountAbove: decimal.optional().describe('share of the list price, of the whole quote'),
    amountAbove: z.object({ currency, amount: decimal }).optional(),
    marginBelow: decimal.optional().describe('share of the net price; lines without a cost count as without margin'),
    priceDeviationAbove: bounds.partial().optional().describe("list price of the quote against the ERP's"),
    regions: z.array(identifier).optional(),
    businessUnits: z.array(identifier).optional(),
    families: z.array(identifier).optional().describe('a line of one of these product families'),
    paymentTerms: z.array(identifier).optional(),
  }),
  approvers: z.array(ownerGroup).min(1),
});
export type ApprovalRule = z.infer<typeof approvalRule>;

/** What may differ by region, business unit and tenant. */
export const orderRules = z.object({
  /** By code, or by the rule that the code has; a code wins. */
  retry: z.partialRecord(z.union([code, z.enum(['soon', 'hold', 'settle'])]), retry),
  asking: z.partialRecord(code, asking),
  /** Where `asking` names no code. */
  askingOtherwise: asking,
  tolerance: bounds.extend({ currencies: z.record(currency, bounds) }),
  approvals: z.record(identifier, approvalRule.omit({ id: true }).nullable()).describe('by id; null takes a rule of a wider level away'),
  cpqApproval: z.enum(['ignored', 'required']).describe("required: an acceptance without the CPQ's own approval of this revision asks a person"),
  afterPivot: z
    .enum(['task', 'amend'])
    .describe('a newer revision of an order that the ERP has: ask a person, or make a new order that names the old one'),
  deadlines: z.object({ complete: seconds }).describe('seconds from acceptance; past it the order shows as late and its task is escalated'),
});
export type OrderRules = z.infer<typeof orderRules>;

/** A level says only what differs. Records are merged by key, everything else is replaced. */
export const rulesOverlay = orderRules.partial();

/** default -> region -> business unit -> tenant: the last that says something wins, so what an order gets is always the same. */
export const rules = z.object({
  default: orderRules,
  regions: z.record(identifier, rulesOverlay).default({}),
  businessUnits: z.record(identifier, rulesOverlay).default({}),
  tenants: z.record(identifier, rulesOverlay).default({}),
});

/** When a group works: due times of its tasks count these hours only. Times of day are local, "08:00". */
export const calendar = z.object({
  timeZone: z.string().describe('IANA name, "Europe/Berlin"'),
  days: z.array(z.int().min(1).max(7)).min(1).describe('ISO weekdays, Monday is 1'),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/),
  holidays: z.array(z.iso.date()).default([]),
});
export type WorkingCalendar = z.infer<typeof calendar>;

/** A group of people that tasks belong to. Actors are written as the ledger keeps them: "cli:anna", "arn:aws:sts::...", "board:anna". */
export const owner = z.object({
  members: z.array(z.string().min(1).max(200)).describe('who may decide; "*": whoever can reach the system'),
  deputies: z.record(z.string(), z.string()).default({}).describe('member -> who stands in: may decide as well, and counts as the member'),
  calendar,
  /** Seconds between two digests at most; the first task after a quiet time is told at once. */
  digestEvery: seconds,
});
export type Owner = z.infer<typeof owner>;
export const owners = z.record(ownerGroup, owner);
