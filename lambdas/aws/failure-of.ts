import { ERRORS, type ErrorCode, type ErrorDefinition } from '../../contracts/errors.ts';

/** Why a message could not be handled. */
export interface Reason {
  readonly code: ErrorCode;
  readonly detail: string;
  /** Seconds after which a vendor asked to be called again. */
  readonly retryAfter?: number | undefined;
}

/** Refused for good: trying again changes nothing. A code that this deployment does not know is not. */
export const isPoison = ({ code }: { readonly code: string }): boolean =>
  (ERRORS as Readonly<Record<string, ErrorDefinition | undefined>>)[code]?.retry === 'never';

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERRORS, code);

/** The name of any failure: our own errors bring theirs, everything else is a fault of the platform until somebody names it. */
export function failureOf(error: unknown): Reason {
  if (!(error instanceof Error)) return { code: 'PLATFORM_MESSAGE_FAILED', detail: 'no error was thrown, but something else' };
  const { code, detail, retryAfter } = error as Error & Partial<Reason>;
  if (isCode(code)) return { code, detail: detail ?? error.message, retryAfter };
  // The text of a SyntaxError quotes what could not be read.
  return { code: 'PLATFORM_MESSAGE_FAILED', detail: error instanceof SyntaxError ? error.name : `${error.name}: ${error.message}` };
}
