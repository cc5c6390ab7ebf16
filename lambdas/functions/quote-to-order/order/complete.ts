import type { StepAction } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { decideComplete } from '../../../domain/protocol/index.ts';
import { parkingOf } from '../../../domain/rules.ts';
import type { OrderDeps } from './deps.ts';
import { endAgain, endRun } from './end-run.ts';

/** The last write of a run that went well. */
export const complete =
  (deps: OrderDeps): StepAction =>
  async ({ head, run }) => {
    const end = { run, parking: parkingOf(deps.policy, head) };
    const { answer, before, head: after } = await deps.ledger.change(head.orderKey, (current, now) => decideComplete(current, { ...end, now }));
    if (answer === 'not ready') throw new Stop('PLATFORM_STEP_DIED', `the order is ${after.state} and cannot complete`);
    if (answer === 'ended') await endRun(deps, before, after);
    if (answer === 'run over') await endAgain(deps, after, run);
  };
