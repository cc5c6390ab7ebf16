import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { deadLettersOf, queuesOf } from '../../contracts/queues.ts';
import { createQueues, sentAt } from '../../lambdas/aws/queues.ts';
import { memoryQueues } from './queue-fixtures.ts';

const subscribers = { billing: { secretName: 's', events: ['order.'] } };

describe('the queues of a deployment', () => {
  const names = [...queuesOf({ subscribers }), ...deadLettersOf({ subscribers })].map(({ name }) => name);

  it('are found by name, with their counts and the age of the oldest dead letter', async () => {
    const memory = memoryQueues(...names);
    memory.send('run', 'a');
    memory.send('run-dlq', 'younger', { at: 2000 });
    memory.send('run-dlq', 'older', { at: 1000 });
    const { queues, deadLetters } = await createQueues('quotebridge-test', memory.client).all({ subscribers });
    expect(queues.find(({ name }) => name === 'run')).toMatchObject({ visible: 1, inFlight: 0, delayed: 0, carries: 'run' });
    expect(deadLetters.find(({ name }) => name === 'run-dlq')).toMatchObject({ visible: 2, oldestAt: '1970-01-01T00:00:01.000Z' });
    expect(deadLetters.filter(({ visible }) => visible > 0)).toHaveLength(1);
  });

  it('that a stack of another version lacks is an error', async () => {
    const { client } = memoryQueues(...names.slice(1));
    await expect(createQueues('quotebridge-test', client).all({ subscribers })).rejects.toThrow('quotebridge-test-intake');
  });
});

describe('a look at dead letters', () => {
  it('shows more than a page, oldest first, each once, and leaves all visible', async () => {
    const memory = memoryQueues('run-dlq');
    for (let n = 25; n > 0; n--) memory.send('run-dlq', String(n), { at: n });
    const seen = await createQueues('quotebridge-test', memory.client).peek('run-dlq', 100);
    expect(seen.map(({ Body }) => Number(Body))).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    expect(memory.visible('run-dlq')).toHaveLength(25);
  });

  it('shows no more than was asked for', async () => {
    const memory = memoryQueues('run-dlq');
    for (let n = 0; n < 25; n++) memory.send('run-dlq', String(n));
    expect(await createQueues('quotebridge-test', memory.client).peek('run-dlq', 12)).toHaveLength(12);
    expect(memory.visible('run-dlq')).toHaveLength(25);
  });

  it('that fails half-way puts back what it has', async () => {
    const memory = memoryQueues('run-dlq');
    for (let n = 0; n < 25; n++) memory.send('run-dlq', String(n));
    memory.failOn('ReceiveMessageCommand', 2);
    await expect(createQueues('quotebridge-test', memory.client as SQSClient).peek('run-dlq', 25)).rejects.toThrow('fails');
    expect(memory.visible('run-dlq')).toHaveLength(25);
  });
});

it('a message without a time of its own was sent at the beginning', () => {
  expect(sentAt({})).toBe('1970-01-01T00:00:00.000Z');
});
