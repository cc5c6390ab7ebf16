import * as z from 'zod';
import { ERRORS, type ErrorCode, triesAgain } from './errors.ts';
import { currency, decimal } from './money.ts';
import { identifier } from './quote.ts';
import { isAmong, OWNER_GROUPS, optionsOf, type TaskOption } from './tasks.ts';

const seconds = z.int().min(1);
const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
const code = z.enum(CODES);
const ownerGroup = z.enum(OWNER_GROUPS);

/** Codes after which an order tries again by itself. What was refused, or needs a person, is not among them: no policy can have it tried blindly. */
const retried = z.enum(CODES.filter((one) => triesAgain(ERRORS[one].retry)) as [ErrorCode, ...ErrorCode[]]);

/** Within either bound passes. */
const bounds = z.strictObject({
  absolute: decimal.describe('in the currency of the quote'),
  relative: decimal.describe("share of the ERP's price: 0.005 is half a percent"),
});

/** How an order that stopped with a code tries again by itself. */
const retry = z.strictObject({
  seconds: seconds.describe('until the next run'),
  times: z.int().min(0).describe('in a row; after that the owner of the code is asked'),
  jitter: z.number().min(0).max(1).default(0.2).describe('share of the seconds by which they vary, so that orders do not come back all at once'),
});

const AT_LAST = ['cancel', 'reject', 'keep', 'retry'] as const satisfies readonly TaskOption[];

/** What a person who is asked gets: time, and who is asked when it is over. */
const otherwise = z.strictObject({
  due: seconds.max(366 * 86_400).describe('seconds of working time of the owner group until the answer is due'),
  escalate: z.array(ownerGroup).describe('who is asked next, one after the other, each with the same time'),
  atLast: z
    .enum(AT_LAST)
    .optional()
    .describe('decided by the system when the last one in the chain has not answered; left out: the task stays open and overdue'),
});

const RETRIED: readonly string[] = retried.options;

/** What can be decided at last of a code: where orders may share its question, of theirs as well. What was refused would be refused again. */
function decidable(code: ErrorCode): readonly string[] {
  const own = optionsOf(code);
  const answers = own.includes('correct') ? [...own, ...optionsOf(code, 'customer')] : own;
  return AT_LAST.filter((option) => answers.includes(option) && (option !== 'retry' || RETRIED.includes(code)));
}

/** By code. Decided at last is what a person could. */
const asking = z.partialRecord(code, otherwise).superRefine((given, context) => {
  for (const [name, { atLast } = {}] of Object.entries(given)) {
    const answers = decidable(name as ErrorCode);
    if (atLast === undefined || answers.includes(atLast)) continue;
    const message =
      atLast === 'retry' && !RETRIED.includes(name)
        ? 'expected another answer: what was refused is not tried again by itself'
        : `expected ${answers.join(' or ') || 'none'}, received "${atLast}": the question has no such answer`;
    context.addIssue({ code: 'custom', path: [name, 'atLast'], message });
  }
});

const names = z.array(identifier).min(1).optional();

/** A line of the approval matrix. Amounts and shares are decimal strings. */
const approvalRule = z.strictObject({
  title: z.string().min(1).max(120).describe('the question in words, as the approver reads it'),
  when: z
    .strictObject({
      discountAbove: decimal.optional().describe('share of the list price, of all lines together'),
      amountAbove: z
        .record(currency, decimal)
        .optional()
        .describe('total of the quote by its currency; a quote in a currency that is not named here counts as above'),
      marginBelow: decimal.optional().describe('share of the net price, of all lines together; a line without a cost counts as without margin'),
      priceDeviationAbove: bounds
        .partial()
        .refine((given) => Object.keys(given).length > 0, 'expected absolute, relative or both')
        .optional()
        .describe("list price of a line against the ERP's; a difference within either bound does not count"),
      regions: names,
      businessUnits: names,
      families: names.describe('a line is of one of these product families'),
      paymentTerms: names,
    })
    .describe('all conditions that are given must hold; none: every order'),
  approvers: z
    .array(ownerGroup)
    .min(1)
    .max(5)
    .describe('who has to approve, in this order, each another person; of a group any one member, of one that is named twice two'),
});
export type ApprovalRule = z.infer<typeof approvalRule>;

/** What may differ by region, business unit and tenant. */
export const orderRules = z.strictObject({
  retry: z
    .partialRecord(z.union([retried, z.enum(['soon', 'hold', 'settle'])]), retry)
    .describe('by code, or by the retry rule that a code has (docs/errors.md); a code wins, from whatever level it comes'),
  asking,
  askingOtherwise: otherwise.describe('where `asking` names no code; `retry` at last: of codes after which an order tries again by itself'),
  tolerance: bounds
    .extend({ currencies: z.record(currency, bounds).describe('instead of the bounds beside it') })
    .describe("how far the list price of a line may be from the ERP's"),
  approvals: z
    .record(
      identifier.refine((id) => !(id in ERRORS), 'expected a name that is no error code: approvals without a rule are kept under theirs'),
      approvalRule.nullable(),
    )
    .describe('the approval matrix by id, asked in the order of the ids; null takes a rule of a wider level away'),
  cpqApproval: z.enum(['ignored', 'required']).describe("required: an acceptance without the CPQ's own approval of this revision asks a person"),
  afterPivot: z
    .enum(['task', 'amend'])
    .describe('a newer revision of an order that the ERP has: ask a person, or make a new order that names the old one'),
  deadlines: z
    .strictObject({ complete: seconds })
    .describe('seconds from acceptance, fixed with it; past it the order shows as late and its task is escalated'),
});
export type OrderRules = z.infer<typeof orderRules>;

/** A level says only what differs. Records are merged by key, everything else is replaced. */
export const rulesOverlay = orderRules.partial();

/** default -> region -> business unit -> tenant: the last that says something wins, so what an order gets is always the same. */
export const rules = z.strictObject({
  default: orderRules,
  regions: z.record(identifier, rulesOverlay).default({}),
  businessUnits: z.record(identifier, rulesOverlay).default({}),
  tenants: z.record(identifier, rulesOverlay).default({}),
});

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** When a group works: due times of its tasks count these hours only. Times of day are local, "08:00"; "24:00" is the end of the day. */
export const calendar = z
  .strictObject({
    timeZone: z.string().refine(isTimeZone, 'expected a time zone such as "Europe/Berlin"').describe('IANA name, "Europe/Berlin"'),
    days: z.array(z.int().min(1).max(7)).min(1).describe('ISO weekdays, Monday is 1'),
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as "08:00"'),
    to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as "17:00", at most "24:00"'),
    holidays: z.array(z.iso.date()).default([]).describe('dates of the same time zone'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'expected a time after "from"; a group that works over midnight is two groups' });
export type WorkingCalendar = z.infer<typeof calendar>;

/**
 * People as the ledger keeps them: "cli:anna", "board:anna", on AWS the ARN of who runs the command. A `*` at the end stands for whatever
 * follows: "arn:aws:sts::111122223333:assumed-role/Finance/*" is everybody in that role.
 */
const members = z
  .string()
  .max(200)
  .regex(/^([^*]+\*?|\*)$/, 'expected a name, with a * at its end only');

/** Stands in for a member: one person, since it counts as that member. */
const deputy = z
  .string()
  .max(200)
  .regex(/^[^*]+$/, 'expected a name in full');

/** A group of people that tasks belong to. */
export const owner = z
  .strictObject({
    members: z
      .array(members)
      .min(1, 'expected somebody: a group of nobody answers no question')
      .describe('who may decide; "*": whoever can reach the system'),
    deputies: z.record(z.string(), deputy).default({}).describe('member -> who stands in: may decide as well, and counts as the member'),
    calendar,
    /** Seconds between two digests at most; the first task after a quiet time is told at once. */
    digestEvery: seconds,
  })
  .superRefine(({ members, deputies }, context) => {
    const wrong = (person: string, message: string) => context.addIssue({ code: 'custom', path: ['deputies', person], message });
    for (const [person, standsIn] of Object.entries(deputies))
      if (!isAmong(members, person)) wrong(person, 'expected a member of the group: nobody stands in for somebody else');
      else if (person.endsWith('*')) wrong(person, 'expected a member in full: each has a deputy of its own');
      else if (person === standsIn) wrong(person, 'expected another person: nobody stands in for themselves');
  });
export type Owner = z.infer<typeof owner>;
export const owners = z.record(ownerGroup, owner);
