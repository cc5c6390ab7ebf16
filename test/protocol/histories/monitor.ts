import { awaitsAnswer, type Head, hasNews, hasStop, later } from '../../../lambdas/domain/head.ts';
import { blocking } from '../../../lambdas/domain/protocol/index.ts';

const FORWARD = ['create-draft', 'confirm-order', 'record-tax'];

/** What no write of HEAD may do, whoever makes it. `lower`: the HEADs of lower revisions, as they stand at this moment. */
export function wrongWrite(before: Head | undefined, after: Head, lower: readonly Head[], now: string): string[] {
  const wrong: string[] = [];
  const { open, wait, task, dueAt, sweepAt } = after;
  if (open && open.attempt !== before?.open?.attempt && FORWARD.includes(open.action)) {
    if (hasStop(after) && after.state !== 'confirmed') wrong.push(`I2 ${open.action} is tried under a stop`);
    if (blocking(lower, after.amends)) wrong.push(`I6 ${open.action} is tried while a lower revision lives`);
    if (before?.open) wrong.push(`I3 ${open.action} is tried while ${before.open.action} is in flight`);
  }
  if (before && hasNews(before) && before.run.active && !after.run.active && !(dueAt !== undefined && dueAt <= now)) wrong.push('I8 news is lost');
  // Due for a run, and not for an answer: only a run may find that there was nothing to do.
  const owed = before && !before.run.active && before.dueAt !== undefined && before.dueAt <= now && !awaitsAnswer(before);
  if (owed && !after.run.active && !(dueAt !== undefined && dueAt <= later(now, 0.001))) wrong.push(`I8 the run that was due is put off to ${dueAt}`);
  if ((dueAt === undefined) !== (sweepAt === undefined)) wrong.push('I4 dueAt without sweepAt');
  const asks = wait?.kind === 'person' && wait.cause === undefined;
  if (asks !== (task !== undefined)) wrong.push(`I12 it waits for ${wait?.kind ?? 'nothing'} and has ${task ? 'a' : 'no'} task`);
  if (after.version <= (before?.version ?? 0)) wrong.push('the version does not grow');
  return wrong.map((what) => `revision ${after.quote.revision}: ${what}`);
}
