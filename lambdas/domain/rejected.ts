import type * as z from 'zod';
import type { ErrorCode } from '../../contracts/errors.ts';

/** An event that the intake does not let in; it goes to quarantine with this reason. */
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
