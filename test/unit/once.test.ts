import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { StepInput } from '../../contracts/workflow.ts';
import { once } from '../../lambdas/aws/once.ts';
import { KEY } from './domain-fixtures.ts';
import { holds } from './table-fixtures.ts';

type Stored = NonNullable<PutItemCommand['input']['Item']>;

/** The runtime table, as far as Powertools uses it. */
function runtimeTable() {
  const items = new Map<string, Stored>();
  const idOf = (key: Stored = {}) => key.id?.S ?? '';
  const send = async (command: unknown) => {
    if (command instanceof GetItemCommand) return { Item: items.get(idOf(command.input.Key)) };
    if (command instanceof DeleteItemCommand) return void items.delete(idOf(command.input.Key));
    if (command instanceof PutItemCommand) {
      const { Item = {}, ConditionExpression: text, ExpressionAttributeNames: names, ExpressionAttributeValues: values = {} } = command.input;
      const before = items.get(idOf(Item));
      if (!holds({ text, names, values: unmarshall(values) }, before && unmarshall(before))) {
        throw new ConditionalCheckFailedException({ message: 'failed', $metadata: {}, ...(before && { Item: before }) });
      }
      items.set(idOf(Item), Item);
      return {};
    }
    if (!(command instanceof UpdateItemCommand)) throw new Error('a command that these tests do not know');
    const { Key, UpdateExpression = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = command.input;
    const changes = UpdateExpression.replace('SET ', '')
      .split(', ')
      .map((part) => part.split(' = '));
    items.set(idOf(Key), {
      ...items.get(idOf(Key)),
      ...Object.fromEntries(changes.map(([name = '', value = '']) => [names[name], values[value]])),
    } as Stored);
    return {};
  };
  return { items, client: Object.assign(new DynamoDBClient({ region: 'us-east-1' }), { send }) as DynamoDBClient };
}

const input: StepInput = { orderKey: KEY, run: 3, action: 'create-draft' };

/** Functions over one runtime table: each `wall` is a function of its own, as in a new container. */
function world(perform: (input: StepInput) => Promise<object | undefined> = async () => undefined) {
  const { client, items } = runtimeTable();
  const called: string[] = [];
  const wall = (name = 'create-draft', left = 60_000) => {
    const guarded = once(
      name,
      async (step) => {
        called.push(`${step.orderKey === KEY ? '' : 'other '}${step.run} ${step.action}`);
        return perform(step);
      },
      { table: 'runtime', expires: 600, client },
    );
    return (step: StepInput) => guarded(step, { getRemainingTimeInMillis: () => left, awsRequestId: 'r' } as Context);
  };
  return { wall, called, items };
}

describe('an action behind the second wall', () => {
  it('is done once in its run, also where another container gets the repeat', async () => {
    const { wall, called, items } = world();
    expect(await wall()(input)).toEqual({ done: true });
    expect(await wall()(input)).toEqual({ done: true });
    expect(called).toEqual(['3 create-draft']);
    const [expiry, status] = [...items.values()].map(({ expiration, status }) => [Number(expiration?.N), status?.S])[0] ?? [];
    expect(status).toBe('COMPLETED');
    expect(Math.abs(Number(expiry) - Date.now() / 1000 - 600)).toBeLessThan(30);
  });

  it.each<[string, StepInput]>([
    ['another run of the order', { ...input, run: 4 }],
    ['another order', { ...input, orderKey: '1123456789ABCDEFGHJK' }],
    ['another action of the run', { ...input, action: 'confirm-order' }],
  ])('%s is not answered from it', async (_name, step) => {
    const { wall, called } = world();
    const action = wall();
    await action(input);
    await action(step);
    expect(called).toHaveLength(2);
  });

  it('that failed is not remembered: the next try does it', async () => {
    let fails = true;
    const { wall, called, items } = world(async () => {
      if (fails) throw new TypeError('no');
      return undefined;
    });
    await expect(wall()(input)).rejects.toThrow('no');
    expect(items.size).toBe(0);
    fails = false;
    await wall()(input);
    expect(called).toHaveLength(2);
  });

  it('that is still under way answers Busy and is not done again', async () => {
    let finish = () => {};
    const started = Promise.withResolvers<void>();
    const { wall, called } = world(() => {
      started.resolve();
      return new Promise((resolve) => {
        finish = () => resolve(undefined);
      });
    });
    const first = wall()(input);
    await started.promise;
    await expect(wall()(input)).rejects.toMatchObject({ name: 'Busy', code: 'PLATFORM_STEP_DIED' });
    finish();
    expect([await first, called.length]).toEqual([{ done: true }, 1]);
  });

  it('of a container that died is done again once its time is over', async () => {
    const hangs = () => new Promise<undefined>(() => {});
    const { wall, items } = world(hangs);
    void wall('create-draft', -1000)(input);
    await expect.poll(() => items.size).toBe(1);
    void wall()(input);
    await expect.poll(() => Number([...items.values()][0]?.in_progress_expiration?.N)).toBeGreaterThan(Date.now() + 10_000);
  });

  it.each([
    ['order', { ...input, orderKey: '' }],
    ['run', { ...input, run: 0 }],
  ])('without the %s is refused', async (_name, step) => {
    const { wall, called } = world();
    await expect(wall()(step)).rejects.toThrow('needs the key and the run');
    expect(called).toEqual([]);
  });
});
