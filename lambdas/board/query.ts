import * as z from 'zod';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { reason } from '../../contracts/people.ts';
import { OWNER_GROUPS, TASK_OPTIONS } from '../../contracts/tasks.ts';
import { STATES } from '../views/overview.ts';

/** Days of an overview unless it is asked for others; as `quotebridge orders list`. */
export const DAYS = 7;
export const MOST_DAYS = 31;

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
/** What a list can be narrowed to. */
export const SITUATIONS = ['waiting', ...STATES] as const;

/** A form sends a field that is not filled in as an empty text. */
const optional = <T extends z.ZodType>(type: T) => z.preprocess((value) => (value === '' ? undefined : value), type.optional());
const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, `expected a whole number, ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `expected a whole number, ${from} to ${to}`);

const days = optional(wholeNumber(1, MOST_DAYS)).transform((value) => value ?? DAYS);

export const overviewQuery = z.object({ days });
export const ordersQuery = z.object({
  days,
  state: optional(z.enum(SITUATIONS, `expected one of ${SITUATIONS.join(', ')}`)),
  code: optional(z.enum(CODES, 'expected an error code, as docs/errors.md lists them')),
  tenant: optional(z.string().max(100, 'expected the name of a tenant')),
  page: optional(wholeNumber(1, 1000)).transform((value) => value ?? 1),
});
export type OrdersQuery = z.infer<typeof ordersQuery>;
/** Whose tasks: of nobody yet, or of whoever asks. */
export const ASSIGNED = ['me', 'nobody'] as const;
const taskFilter = {
  owner: optional(z.enum(OWNER_GROUPS, `expected one of ${OWNER_GROUPS.join(', ')}`)),
  code: optional(z.enum(CODES, 'expected an error code, as docs/errors.md lists them')),
  tenant: optional(z.string().max(100, 'expected the name of a tenant')),
  due: optional(z.enum(['overdue'], 'expected overdue, or nothing')),
  assigned: optional(z.enum(ASSIGNED, `expected one of ${ASSIGNED.join(', ')}`)),
};
export const tasksQuery = z.object({ ...taskFilter, page: optional(wholeNumber(1, 1000)).transform((value) => value ?? 1) });
export type TasksQuery = z.infer<typeof tasksQuery>;

/** What a form decides; the reason is kept with the order for good. */
export const decision = z.object({
  option: z.enum(TASK_OPTIONS, `expected one of ${TASK_OPTIONS.join(', ')}`),
  reason,
});

export const searchQuery = z.object({
  q: z
    .string('expected a quote number, a quote id or an order key')
    .trim()
    .min(1, 'expected a quote number, a quote id or an order key')
    .max(200, 'expected at most 200 characters'),
  tenant: optional(z.string().max(100)),
});

/** The address asks for something that there is not. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('; '));
    this.lines = lines;
  }
}

/** @throws {BadQuery} with one line for each wrong value. */
export function parse<T extends z.ZodType>(type: T, query: Readonly<Record<string, string | undefined>>): z.infer<T> {
  const result = type.safeParse(query);
  if (result.success) return result.data;
  throw new BadQuery(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`));
}
