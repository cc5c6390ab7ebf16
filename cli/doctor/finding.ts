/**
 * ok: nothing to do; look: it works, somebody should look at it; bad: something does not work, the exit code says so; unknown: these
 * credentials cannot tell.
 */
export type Verdict = 'ok' | 'look' | 'bad' | 'unknown';

/** What one check found: one line, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** Commands or a sentence. */
  readonly cure?: string;
}

/** What makes one or more findings of one subject. */
export type Check = () => Promise<Finding | readonly Finding[]>;

export const ok = (check: string, text: string): Finding => ({ check, verdict: 'ok', text });
export const look = (check: string, text: string, cure: string): Finding => ({ check, verdict: 'look', text, cure });
export const bad = (check: string, text: string, cure: string): Finding => ({ check, verdict: 'bad', text, cure });
export const unknown = (check: string, text: string, cure: string): Finding => ({ check, verdict: 'unknown', text, cure });

const REFUSED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|ForbiddenException)/;

/** One check that fails spoils no other: what AWS refuses is unknown, whatever else goes wrong is bad. */
export async function examine(name: string, check: Check): Promise<readonly Finding[]> {
  try {
    const found = await check();
    return Array.isArray(found) ? found : [found as Finding];
  } catch (error) {
    const { name: kind, message } = error as Error;
    if (REFUSED.test(kind))
      return [unknown(name, `these credentials may not look: ${message}`, 'Use credentials with read access (ReadOnlyAccess is enough).')];
    return [bad(name, `the check failed: ${kind}: ${message}`, 'Run the same command again; if it repeats, look at the service in the AWS console.')];
  }
}
