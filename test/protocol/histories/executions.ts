import { STEPS, type Step } from '../../../contracts/workflow.ts';
import type { Executions } from '../../../lambdas/aws/executions.ts';
import type { Process, Scheduler } from './scheduler.ts';

interface Input {
  readonly orderKey: string;
  readonly run: number;
}

interface Engine {
  readonly scheduler: Scheduler;
  readonly invoke: (action: Step, input: Input, error: string | undefined) => Promise<object>;
  /** An execution ends without a word. */
  readonly dies: () => boolean;
}

const FORWARD = STEPS.slice(0, STEPS.indexOf('settle'));
/** Errors after which a Task calls its function again (statemachines/README.md). */
const AGAIN = ['Busy', 'Lambda.Unknown', 'Runtime.ExitError'];
const TRIES = 20;
/** Times that the steps begin anew after RetrySoon. */
const ROUNDS = 2;

class Died extends Error {}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

/** The state machine as it is in statemachines/quote-to-order.asl.json, and StartExecution by name. */
export function createExecutions({ scheduler, invoke, dies }: Engine) {
  const byName = new Map<string, 'RUNNING' | 'ENDED'>();

  async function task(action: Step, input: Input, error?: string): Promise<object> {
    for (let attempt = 0; ; attempt++) {
      const answer = invoke(action, input, error);
      if (dies()) {
        answer.catch(() => {});
        throw new Died();
      }
      try {
        return await answer;
      } catch (failure) {
        if (!AGAIN.includes(nameOf(failure)) || attempt >= TRIES) throw failure;
        await waits(2000);
      }
    }
  }

  const waits = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => scheduler.at(scheduler.now().getTime() + 1 + scheduler.draw(milliseconds), resolve));

  async function forward(input: Input, round = 0): Promise<void> {
    try {
      for (const step of FORWARD) await task(step, input);
    } catch (failure) {
      if (nameOf(failure) !== 'RetrySoon' || round >= ROUNDS) throw failure;
      await waits(1000);
      await forward(input, round + 1);
    }
  }

  const caught = (failure: unknown): string => {
    if (failure instanceof Died) throw failure;
    return nameOf(failure);
  };

  async function run(input: Input): Promise<void> {
    const first = await forward(input).then(() => null, caught);
    if (first === null) return;
    for (let error: string | undefined = first; ; ) {
      const answer = (await task('settle', input, error)) as { next?: string };
      if (answer.next !== 'undo') return;
      error = await task('void-tax', input)
        .then(() => task('cancel-draft', input))
        .then(() => undefined, caught);
    }
  }

  return {
    names: byName,
    /** What a caller sees of it. */
    of: (process: Process): Executions => ({
      async ensure(name, input) {
        await scheduler.gate(process);
        const known = byName.get(name);
        if (known) return known === 'RUNNING' ? 'running' : 'finished';
        byName.set(name, 'RUNNING');
        void run(input)
          .catch(() => {})
          .then(() => byName.set(name, 'ENDED'));
        return 'running';
      },
    }),
  };
}
