import type * as z from 'zod';
import type { ErrorCode } from '../../contracts/errors.ts';

/** An event or a message that is not taken. The intake puts it in quarantine with this reason; any other queue gives it up. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail.slice(0, 500).toWellFormed();
  }
}

/** Which fields are wrong and how; never their values, which may be personal data. */
export const issuesOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`)
    .join('; ');

/** A message by its contract. Throws Rejected MESSAGE_MALFORMED. */
export function parsed<Schema extends z.ZodType>(schema: Schema, message: unknown): z.infer<Schema> {
  const result = schema.safeParse(message);
  if (!result.success) throw new Rejected('MESSAGE_MALFORMED', issuesOf(result.error));
  return result.data;
}
