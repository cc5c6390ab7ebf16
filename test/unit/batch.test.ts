import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { eachMessage, eachText } from '../../lambdas/aws/batch.ts';

const batch = (...bodies: string[]): SQSEvent => ({ Records: bodies.map((body, n) => ({ messageId: `m${n}`, body }) as SQSRecord) });

describe('a batch of a queue', () => {
  it('a message that fails is reported alone, and holds back no other', async () => {
    const done: unknown[] = [];
    const answer = await eachMessage(batch('1', '2', '3'), async (body) => {
      if (body === 2) throw new Error('no');
      await Promise.resolve();
      done.push(body);
    });
    expect([answer, done]).toEqual([{ batchItemFailures: [{ itemIdentifier: 'm1' }] }, [1, 3]]);
  });

  it('a message that is no JSON fails alone', async () => {
    const answer = await eachMessage(batch('{}', 'not json'), async () => {});
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });

  it('a text is handed over as it came, with its record', async () => {
    const seen: string[] = [];
    const answer = await eachText(batch('not json'), async (text, { messageId }) => void seen.push(`${messageId} ${text}`));
    expect([answer, seen]).toEqual([{ batchItemFailures: [] }, ['m0 not json']]);
  });
});
