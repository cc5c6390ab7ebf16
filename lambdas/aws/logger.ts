import { Logger } from '@aws-lambda-powertools/logger';

/** One structured logger per function; ids and codes only, never content (rule 15). */
export const logger = new Logger();

/** An error as it may stand in a log: the text of a SyntaxError quotes what could not be read, which may be a secret or a person's data. */
export const shown = (error: unknown): Error =>
  error instanceof SyntaxError ? new Error('SyntaxError: text that could not be read') : (error as Error);
