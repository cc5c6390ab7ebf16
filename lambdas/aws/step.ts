import type { Context } from 'aws-lambda';
import { causeOf } from '../../contracts/reference.ts';
import type { Step, StepInput } from '../../contracts/workflow.ts';
import { Busy, RetrySoon, Stop } from '../domain/errors.ts';
import { type Head, isMine } from '../domain/head.ts';
import { VendorError } from '../gateway/vendor-error.ts';
import { versionOf } from '../ledger/causes.ts';
import { RunOver, stopFor } from '../ledger/effect.ts';
import { type Ledger, LedgerContended } from '../ledger/ledger.ts';
import { logger, shown } from './logger.ts';

/** What an action of the workflow gets: the order as it is now, and how long its call may last. */
export interface StepCall {
  readonly head: Head;
  readonly run: number;
  readonly action: Step;
  /** The error name that the state machine caught; only Settle gets it. */
  readonly error: string | undefined;
  /** ISO 8601: when a call of this invocation that takes at most `vendorMaximumMs` can no longer land. */
  settleAt(vendorMaximumMs: number): string;
}

export type StepAction<Answer = undefined> = (call: StepCall) => Promise<Answer>;

/** Every failure in one of the three names that the state machine knows, or as it is: a step that died. */
function named(error: unknown): unknown {
  if (error instanceof VendorError) return stopFor(error);
  if (error instanceof LedgerContended) return new Busy('PLATFORM_STEP_DIED', error.message);
  return error;
}

/** What the vendor refuses to every order that comes to it is one question for those of the tenant. */
async function shared(ledger: Ledger, { tenant }: Head, error: unknown): Promise<unknown> {
  if (!(error instanceof Stop) || !error.shared) return error;
  const { erp, kind, code } = error.shared;
  const cause = causeOf(tenant, erp, kind, code);
  return new Stop(error.code, error.detail, { on: { cause, version: await versionOf(ledger, cause) } });
}

async function record(ledger: Ledger, input: StepInput, error: Stop | RetrySoon | Busy): Promise<void> {
  const { code, detail } = error;
  const { on, ask } = error instanceof Stop ? error : {};
  await ledger.change(input.orderKey, (head) => {
    if (!isMine(head, input.run)) return { answer: null };
    const lastError = { run: input.run, step: input.action, code, detail, cause: on?.cause, causeVersion: on?.version, ask };
    return { next: { ...head, lastError }, answer: null };
  });
}

/** Steps of the last write: a repeat of theirs tells what the first may have died before telling. */
const LAST_WRITES: readonly Step[] = ['complete', 'settle'];

/**
 * Runs one action of one step. Each reads the ledger first: a step whose run is over succeeds and changes nothing. A failure is recorded
 * in HEAD with run, step, code and detail before it is thrown, so Settle needs nothing from the state machine but a name.
 */
export async function runStep<Answer>(ledger: Ledger, input: StepInput, context: Context, action: StepAction<Answer>, over: Answer): Promise<Answer> {
  const head = await ledger.read(input.orderKey);
  if (!head) throw new Error(`no order ${input.orderKey} in the ledger`);
  if (!isMine(head, input.run) && !LAST_WRITES.includes(input.action)) return over;
  const end = Date.now() + context.getRemainingTimeInMillis();
  const settleAt = (vendorMaximumMs: number) => new Date(end + vendorMaximumMs).toISOString();
  try {
    return await action({ head, run: input.run, action: input.action, error: input.error, settleAt });
  } catch (thrown) {
    if (thrown instanceof RunOver) return over;
    const error = await shared(ledger, head, named(thrown));
    if (error instanceof Stop || error instanceof RetrySoon || error instanceof Busy) {
      logger.warn('step stopped', { orderKey: input.orderKey, run: input.run, step: input.action, code: error.code, detail: error.detail });
      await record(ledger, input, error).catch((failure: unknown) => {
        throw named(failure);
      });
    } else {
      logger.error('step died', { orderKey: input.orderKey, run: input.run, step: input.action, error: shown(error) });
    }
    throw error;
  }
}
