import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { STEPS } from '../../contracts/workflow.ts';
import { allStates, machineNames, pages, readMachine, redrawn, type State } from '../../statemachines/picture.ts';

const root = join(import.meta.dirname, '../..');
const machine = readMachine('quote-to-order');
const states = new Map(allStates(machine));
const tasks = [...states].filter(([, { Type }]) => Type === 'Task');
const state = (name: string): State => {
  const found = states.get(name);
  if (!found) throw new Error(`there is no state "${name}"`);
  return found;
};

/** Action and function of a Task; Settle's payload is one expression. */
function called({ Arguments }: State): { action: string; fn: string } {
  const payload = Arguments?.Payload as string | { action: string } | undefined;
  const action = typeof payload === 'object' ? payload.action : /'action': '([\w-]+)'/.exec(payload ?? '')?.[1];
  return { action: action ?? '', fn: Arguments?.FunctionName ?? '' };
}

test.each(machineNames())('%s is valid ASL', (name) => {
  const { isValid, errors } = validate(readMachine(name));
  expect(errors).toEqual([]);
  expect(isValid).toBe(true);
});

describe('quote-to-order', () => {
  test('has the 15 states of the design, in its order', () => {
    expect([...states].map(([name, { Type }]) => `${name}: ${Type}`)).toEqual([
      'Make the order: Parallel',
      'Check customer: Task',
      'Map products: Task',
      'Price and shipping: Task',
      'Estimate tax: Task',
      'Check policy: Task',
      'Create draft order: Task',
      'Record tax: Task',
      'Confirm order: Task',
      'Complete: Task',
      'Settle: Task',
      'What next?: Choice',
      'Void tax: Task',
      'Cancel draft order: Task',
      'Stopped: Succeed',
    ]);
  });

  test('the happy path enters ten of them, one after the other', () => {
    const [branch, ...others] = state('Make the order').Branches ?? [];
    expect(others).toEqual([]);
    const path = ['Make the order'];
    for (let name = branch?.StartAt; name !== undefined; name = branch?.States[name]?.Next) path.push(name);
    expect(path).toEqual([...states.keys()].slice(0, 10));
    expect(state('Complete').End).toBe(true);
    expect(state('Make the order').End).toBe(true);
  });

  test('each step of the contract is called by exactly one state', () => {
    expect(tasks.map(([, task]) => called(task).action).sort()).toEqual([...STEPS].sort());
  });

  test.each(tasks)('%s calls a function that has this action', (_name, task) => {
    const { action, fn } = called(task);
    const folder = /^\$\{(\w+)Function\}$/.exec(fn)?.[1]?.toLowerCase() ?? '';
    const handler = readFileSync(join(root, 'lambdas/functions/quote-to-order', folder, 'handler.ts'), 'utf8');
    expect(handler).toMatch(new RegExp(`['"]?\\b${action}['"]?[,:]`));
  });

  test.each(tasks)('%s tries again what every other Task tries again', (_name, { Retry }) => {
    expect(Retry).toEqual([
      {
        ErrorEquals: [
          'Busy',
          'Lambda.TooManyRequestsException',
          'Lambda.ServiceException',
          'Lambda.AWSLambdaException',
          'Lambda.SdkClientException',
          'Lambda.Unknown',
          'Runtime.ExitError',
        ],
        IntervalSeconds: 2,
        BackoffRate: 1.5,
        MaxDelaySeconds: 30,
        MaxAttempts: 20,
        JitterStrategy: 'FULL',
      },
    ]);
  });

  test('a Task that timed out is not tried again: its call may still be under way', () => {
    for (const [, { Retry = [] }] of states)
      expect(Retry.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/Timeout|Timedout|States\./)]),
      );
  });

  test('the whole branch starts again for RetrySoon only, twice', () => {
    expect(state('Make the order').Retry).toMatchObject([{ ErrorEquals: ['RetrySoon'], MaxAttempts: 2 }]);
  });

  test.each(['Make the order', 'Void tax', 'Cancel draft order'])('every error of "%s" goes to Settle, by its name and never its cause', (name) => {
    expect(state(name).Catch).toEqual([{ ErrorEquals: ['States.ALL'], Output: { error: '{% $states.errorOutput.Error %}' }, Next: 'Settle' }]);
  });

  test('nothing else is caught: a step inside the branch fails the branch, a Settle that fails fails its execution', () => {
    const catching = [...states].filter(([, { Catch }]) => Catch).map(([name]) => name);
    expect(catching).toEqual(['Make the order', 'Void tax', 'Cancel draft order']);
  });

  test('it keeps to what both local clouds can do', () => {
    for (const [name, found] of states) {
      const keys = Object.keys(found);
      if (found.Type === 'Parallel') expect(keys, name).not.toEqual(expect.arrayContaining(['Output']));
      if (found.Type === 'Parallel') expect(keys, name).not.toEqual(expect.arrayContaining(['Arguments']));
      if (found.Type === 'Succeed') expect(keys, name).not.toContain('Output');
      expect(keys, name).not.toContain('Assign');
      expect(keys, name).not.toContain('HeartbeatSeconds');
    }
  });
});

test.each(pages)('%s shows the state machines as they are', (page) => {
  const readme = readFileSync(page, 'utf8');
  expect(redrawn(readme)).toBe(readme);
  for (const name of machineNames()) expect(readme).toContain(`<!-- picture ${name} -->\n`);
});

test('the README beside the state machines has all their tables', () => {
  const [page = ''] = pages;
  const readme = readFileSync(page, 'utf8');
  for (const name of machineNames()) for (const kind of ['states', 'retries']) expect(readme).toContain(`<!-- ${kind} ${name} -->\n`);
});
