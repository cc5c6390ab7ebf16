import type { TaskOption } from '../../../contracts/tasks.ts';
import { decideTask, type Request } from '../../../lambdas/ledger/decide.ts';
import { loadedPolicy } from '../../support/policy.ts';
import type { Stage } from '../../support/stage.ts';
import type { SentOrder } from './verdict.ts';

/** A person answers, by the function that the board and the CLI call. */
export async function answer({ ledger, sendRun, sendCause }: Stage, request: Request) {
  return decideTask({ ledger, policy: await loadedPolicy(), sendRun, sendCause }, request);
}

/** The same for the question that the order asks now. */
export async function answerFor(stage: Stage, { tenant, orderKey }: SentOrder, option: TaskOption) {
  const { task } = await tenant.order(orderKey);
  if (!task) throw new Error(`order ${orderKey} asks nothing`);
  return answer(stage, { task: task.id, openedAt: task.openedAt, option, by: 'cli:campaign', reason: 'a campaign' });
}
