import type { SettleAnswer } from '../../../../contracts/workflow.ts';
import type { StepAction } from '../../../aws/step.ts';
import { decideSettle } from '../../../domain/protocol/index.ts';
import { parkingOf } from '../../../domain/rules.ts';
import type { OrderDeps } from './deps.ts';
import { endAgain, endRun } from './end-run.ts';

/** The last write of a run that stopped, or the word to undo first. */
export const settle =
  (deps: OrderDeps): StepAction<SettleAnswer> =>
  async ({ head, run, error }) => {
    const end = { run, error, parking: parkingOf(deps.policy, head) };
    const { answer, before, head: after } = await deps.ledger.change(head.orderKey, (current, now) => decideSettle(current, { ...end, now }));
    if (answer === 'undo') return { next: 'undo' };
    if (answer === 'ended') await endRun(deps, before, after);
    if (answer === 'run over') await endAgain(deps, after, run);
    return { next: 'stop' };
  };
