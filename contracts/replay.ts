import * as z from 'zod';
import { ERRORS, type ErrorClass, type ErrorCode } from './errors.ts';
import { person, reason } from './people.ts';
import { identifier } from './quote.ts';
import { orderKey } from './workflow.ts';

/** Sorts by the time of its making: `20261127T012233-4F7K`. */
export const replayId = z.string().regex(/^\d{8}T\d{6}-[0-9A-HJKMNP-TV-Z]{4}$/, 'the id of a replay, such as 20261127T012233-4F7K');

/** Asks for a replay to go on; only the function sends it, to itself. */
export const replayMessage = z.object({ replay: replayId });
export type ReplayMessage = z.infer<typeof replayMessage>;

const CLASSES = [...new Set(Object.values(ERRORS).map((one) => one.class))] as [ErrorClass, ...ErrorClass[]];
const instant = z.iso.datetime({ offset: true });

/** Which messages of a dead-letter queue; all that is said has to hold. */
export const replayFilter = z
  .strictObject({
    tenant: identifier.optional(),
    code: z
      .enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])
      .optional()
      .describe('why it failed last, by the index of failures'),
    class: z.enum(CLASSES).optional(),
    since: instant.optional().describe('failed last at or after this; where no failure is noted, first sent'),
    until: instant.optional().describe('... and before this'),
    orderKey: orderKey.optional(),
  })
  .refine(({ since, until }) => since === undefined || until === undefined || Date.parse(since) < Date.parse(until), 'since has to be before until')
  .superRefine(({ code, class: group }, context) => {
    const own = code && ERRORS[code].class;
    if (own && group && own !== group) context.addIssue({ code: 'custom', message: `${code} is of the class "${own}", so nothing is of both` });
  });
export type ReplayFilter = z.infer<typeof replayFilter>;

/**
 * Facts since a time are looked for at orders that were accepted up to so many days before it, and at all that are not at rest. An order
 * that is older and came to rest since has to be named.
 */
export const REPUBLISHED_DAYS = 30;
export const OF_WHICH_ORDERS = `orders accepted up to ${REPUBLISHED_DAYS} days before, and of all that are not at rest`;

/** No order is older; a time before it is a slip of the pen, and every day would be gone through. */
const FIRST_DAY = '2020-01-01T00:00:00Z';

/** Which facts of the ledger go out again, and to whom. */
export const republication = z
  .strictObject({
    orderKey: orderKey.optional(),
    since: instant
      .refine((at) => Date.parse(at) >= Date.parse(FIRST_DAY), `there are no facts before ${FIRST_DAY}`)
      .optional()
      .describe(`facts from this time on, of ${OF_WHICH_ORDERS}`),
    subscriber: identifier.optional().describe('left out: to all, over the business bus'),
  })
  .refine((what) => (what.orderKey === undefined) !== (what.since === undefined), 'exactly one of orderKey and since');
export type Republication = z.infer<typeof republication>;

/** Messages per second where nobody says how many. */
export const PER_SECOND = 50;

/** What the function is invoked with: by the CLI, by `aws lambda invoke`, or as a test event of the Lambda console. */
export const replayRequest = z
  .strictObject({
    queue: z.string().min(1).max(80).optional().describe('dead-letter queue to replay, without the prefix of the stage: run-dlq'),
    republish: republication.optional(),
    resume: replayId.optional().describe('a replay that stopped, failed or stands still: goes on where it was'),
    by: person.describe('who'),
    reason: reason.describe('why; kept in the ledger'),
    filter: replayFilter.optional(),
    dryRun: z.boolean().optional().describe('only say what would happen'),
    perSecond: z.int().min(1).max(1000).optional().describe(`messages sent per second at most; left out: ${PER_SECOND}`),
  })
  .refine(
    ({ queue, republish, resume }) => [queue, republish, resume].filter((one) => one !== undefined).length === 1,
    'exactly one of queue, republish and resume',
  )
  .refine(
    ({ republish, filter }) => republish === undefined || filter === undefined,
    'a filter chooses dead letters: republish takes orderKey, since and subscriber',
  )
  .refine(
    ({ resume, filter, dryRun, perSecond }) => resume === undefined || (filter ?? dryRun ?? perSecond) === undefined,
    'a replay goes on as it was begun: no filter, dryRun or perSecond beside resume',
  );
export type ReplayRequest = z.infer<typeof replayRequest>;

/** What the function answers at once. */
export interface ReplayAnswer {
  readonly replay: string;
  readonly queue: string;
  readonly dryRun: boolean;
}
