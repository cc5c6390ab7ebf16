import { readFileSync } from 'node:fs';

/** Something the user can cure. The command prints what happened and the cure, without a stack, and ends with exit code 1. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly cure: string;
  /** A log whose last lines explain it. */
  readonly log: string | undefined;

  constructor(what: string, cure: string, options: ErrorOptions & { log?: string } = {}) {
    super(what, options);
    this.cure = cure;
    this.log = options.log;
  }
}

/** Ctrl-C, or a signal to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The last lines of a log, for people; a log that does not exist says so. */
export function lastLines(file: string, count = 20): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch (error) {
    return `(no log: ${(error as Error).message})`;
  }
}
