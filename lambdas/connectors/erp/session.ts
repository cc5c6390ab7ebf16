import type { Transport, VendorAnswer } from '../../gateway/call.ts';
import { VendorError } from '../../gateway/vendor-error.ts';

/** What every connector of an ERP can be given. */
export interface ConnectorOptions extends Partial<Transport> {
  /** Milliseconds for one call. */
  readonly callDeadlineMs?: number;
  readonly now?: () => number;
  /** Called when the ERP refuses the credentials, so that the secret is read anew. */
  readonly onLoginRefused?: () => void;
}

/** The login was refused: the secret is read anew. */
export function loginRefused(vendor: string, { onLoginRefused }: ConnectorOptions): VendorError {
  onLoginRefused?.();
  return new VendorError('ERP_AUTHENTICATION', 'refused', `${vendor} refused the login`);
}

/** Milliseconds for all calls of one method of the port together; the function has 45 s. */
const METHOD_BUDGET_MS = 40_000;
/** With less than this left a call is not begun: that is known not to have been sent. */
const LEAST_MS = 500;

/** The time that the calls of one method share. */
export class Budget {
  readonly #now: () => number;
  readonly #end: number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#end = now() + METHOD_BUDGET_MS;
  }

  /** Milliseconds for the next call, at most `callDeadlineMs`. @throws VendorError ERP_UNAVAILABLE, not-sent, when hardly any is left */
  forCall(callDeadlineMs: number): number {
    const left = this.#end - this.#now();
    if (left < LEAST_MS) throw new VendorError('ERP_UNAVAILABLE', 'not-sent', 'no time is left for this call');
    return Math.min(callDeadlineMs, left);
  }
}

/**
 * One session for all calls of a connector: opened when it is needed, once for all that need it, and opened anew when the ERP answers
 * 401. That answer means the call was not begun, so it is made again, even a write. A login that is refused is not tried again.
 */
export function createSessions<Session>(login: (budget: Budget) => Promise<Session>, refused: () => VendorError) {
  let current: Promise<Session> | undefined;

  const open = (budget: Budget): Promise<Session> => {
    current ??= login(budget).catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };

  const authorized = async (budget: Budget, attempt: (session: Session) => Promise<VendorAnswer>): Promise<VendorAnswer> => {
    const used = open(budget);
    const first = await attempt(await used);
    if (first.status !== 401) return first;
    if (current === used) current = undefined;
    const second = await attempt(await open(budget));
    if (second.status === 401) throw refused();
    return second;
  };

  return { open, authorized };
}
