import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import { settleAnswer, stepInput } from '../../contracts/workflow.ts';
import { allStates, readMachine, type State } from '../../statemachines/picture.ts';

const states = new Map(allStates(readMachine('quote-to-order')));
const state = (name: string): State => states.get(name) as State;

const executionInput = { orderKey: '0123456789ABCDEFGHJK', run: 3 };

/** What Step Functions knows in a state; `$states` in the expressions. */
interface Known {
  readonly input?: unknown;
  readonly result?: unknown;
  readonly errorOutput?: unknown;
}

/** Replaces each `{% expression %}` by its value, as Step Functions does with the reference implementation of JSONata. */
async function evaluated(value: unknown, known: Known): Promise<unknown> {
  if (typeof value === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(value)?.[1];
    if (expression === undefined) return value;
    const result = await jsonata(expression).evaluate({}, { states: { ...known, context: { Execution: { Input: executionInput } } } });
    // AWS fails a state whose expression has no value
    if (result === undefined) throw new Error(`no value: ${expression}`);
    return result;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = await Promise.all(Object.entries(value).map(async ([key, inner]) => [key, await evaluated(inner, known)]));
  return Object.fromEntries(entries);
}

const payloadOf = async (name: string, known: Known): Promise<unknown> => evaluated(state(name).Arguments?.Payload, known);

describe('what a function is given', () => {
  const tasks = [...states].filter(([name, { Type }]) => Type === 'Task' && name !== 'Settle').map(([name]) => name);

  test.each(tasks)('%s passes its action and the input of the execution, whatever the step before answered', async (name) => {
    for (const input of [executionInput, { Payload: { orderKey: 'another', run: 99 } }, null]) {
      const payload = await payloadOf(name, { input });
      expect(payload).toEqual({ action: expect.any(String), ...executionInput });
      expect(stepInput.parse(payload)).toEqual(payload);
    }
  });

  test('Settle gets the name of the error that led to it', async () => {
    const payload = await payloadOf('Settle', { input: { error: 'Stop' } });
    expect(stepInput.parse(payload)).toEqual({ action: 'settle', ...executionInput, error: 'Stop' });
  });

  test('Settle gets no error after an undo that went well', async () => {
    const input = await evaluated(state('Cancel draft order').Output, { result: { Payload: {} } });
    expect(await payloadOf('Settle', { input })).toEqual({ action: 'settle', ...executionInput });
  });

  test.each(['Stop', 'Weird"Name', "it's", 'States.Timeout'])('an error named %s reaches Settle as it is', async (error) => {
    const [caught] = state('Make the order').Catch ?? [];
    const input = await evaluated(caught?.Output, { errorOutput: { Error: error, Cause: 'Rattlesnake Canyon Grocery does not pay' } });
    expect(input).toEqual({ error });
    expect(await payloadOf('Settle', { input })).toMatchObject({ error });
  });
});

describe('what Settle answers', () => {
  const nextOf = async (answer: unknown): Promise<string | undefined> => {
    const input = await evaluated(state('Settle').Output, { result: { Payload: answer, StatusCode: 200 } });
    for (const { Condition, Next } of state('What next?').Choices ?? []) if (await evaluated(Condition, { input })) return Next;
    return state('What next?').Default;
  };

  test('undo leads to the compensation, stop to the end', async () => {
    expect(await nextOf(settleAnswer.parse({ next: 'undo' }))).toBe('Void tax');
    expect(await nextOf(settleAnswer.parse({ next: 'stop' }))).toBe('Stopped');
  });

  test('an answer that nobody knows ends the run rather than undoing anything', async () => {
    for (const answer of [{}, { next: 'else' }]) expect(await nextOf(answer)).toBe('Stopped');
  });
});
