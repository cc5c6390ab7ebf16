import { Logger } from '@aws-lambda-powertools/logger';

/** One structured logger per function; ids and codes only, never content (rule 15). */
export const logger = new Logger();
