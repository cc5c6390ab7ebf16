import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import type { CauseSubject } from '../../contracts/reference.ts';
import type { Ask } from './waiting.ts';

/** The shared cause that an order waits for, a mapping or an ERP instance, and the version of it that the step has read. */
export interface Cause {
  readonly cause: string;
  readonly version: number;
}

/** What every failure of a step carries into HEAD. */
abstract class Spoken extends Error {
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail.slice(0, 300).toWellFormed();
  }
}

/** The step cannot go on in this run. The state machine catches it by name and lets Settle decide. */
export class Stop extends Spoken {
  override readonly name = 'Stop';
  /** The shared cause that the order waits for, or what its own question is about. */
  readonly on: Cause | undefined;
  readonly ask: Ask | undefined;
  /** What the connector says that all orders of the tenant meet: becomes the cause. */
  readonly shared: CauseSubject | undefined;

  constructor(code: ErrorCode, detail: string, about: { readonly on?: Cause; readonly ask?: Ask; readonly shared?: CauseSubject | undefined } = {}) {
    super(code, detail);
    this.shared = about.shared;
    this.on = about.on;
    this.ask = about.ask;
  }
}

/** Once more through all steps of this run: what was read has changed under us. */
export class RetrySoon extends Spoken {
  override readonly name = 'RetrySoon';
}

/** No effect was tried; the Task waits and calls again. */
export class Busy extends Spoken {
  override readonly name = 'Busy';
}

export const definitionOf = (code: ErrorCode) => ERRORS[code];
