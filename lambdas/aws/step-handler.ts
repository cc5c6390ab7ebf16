import type { Context } from 'aws-lambda';
import { type Step, stepInput } from '../../contracts/workflow.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { measured } from './metrics.ts';
import { type OnceOptions, once } from './once.ts';
import { runStep, type StepAction } from './step.ts';

type Actions = Partial<Record<Step, StepAction<object | undefined>>>;

/** A step whose run is over answers what ends the state machine soonest. */
const OVER = { next: 'stop' };

/** The handler of a function that the state machine calls: picks the action by name. `wall`: each action is wrapped by Powertools idempotency. */
export function stepHandler(ledger: Ledger, actions: Actions, wall?: OnceOptions) {
  const serve = Object.entries(actions).map(([name, action]) => {
    const run = (input: Parameters<typeof runStep>[1], context: Context) => runStep<object | undefined>(ledger, input, context, action, OVER);
    return [name, wall ? once(name, run, wall) : run] as const;
  });
  const byName = new Map<string, (typeof serve)[number][1]>(serve);
  return measured(async (event: unknown, context: Context): Promise<object> => {
    const input = stepInput.parse(event);
    const action = byName.get(input.action);
    if (!action) throw new Error(`this function has no action ${input.action}`);
    return (await action(input, context)) ?? {};
  });
}
