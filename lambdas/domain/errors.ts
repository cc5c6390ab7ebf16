import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';

/** The shared cause that an order waits for: a mapping, and the version of it that the step has read. */
export interface Cause {
  readonly cause: string;
  readonly version: number;
}

/** The step cannot go on in this run. The state machine catches it by name and lets Settle decide. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly on: Cause | undefined;

  constructor(code: ErrorCode, detail: string, on?: Cause) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail.slice(0, 300).toWellFormed();
    this.on = on;
  }
}

/** Once more through all steps of this run: what was read has changed under us. */
export class RetrySoon extends Error {
  override readonly name = 'RetrySoon';
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail.slice(0, 300).toWellFormed();
  }
}

/** No effect was tried; the Task waits and calls again. */
export class Busy extends Error {
  override readonly name = 'Busy';
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail.slice(0, 300).toWellFormed();
  }
}

export const definitionOf = (code: ErrorCode) => ERRORS[code];
