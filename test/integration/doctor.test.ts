import { DeleteMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { Finding } from '../../cli/doctor/finding.ts';
import { run } from '../../cli/program.ts';
import { createQueues } from '../../lambdas/aws/queues.ts';
import { poll } from '../support/poll.ts';
import { connectStage } from '../support/stage.ts';

const stage = connectStage();

/** `quotebridge doctor` as an operator runs it. */
async function doctor(...args: string[]) {
  let out = '';
  const collect = (text: string) => {
    out += text;
  };
  const code = await run(['doctor', ...args, '--json'], { out: collect, err: collect });
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return { code, findings, of: (check: string) => findings.find((finding) => finding.check === check) };
}

test('the doctor finds a healthy environment healthy, and its quote becomes an order that every subscriber knows', async () => {
  const { findings, of } = await doctor('--smoke');
  // What other tests do to vendors, orders and queues at the same time is theirs.
  for (const check of ['stacks', 'versions', 'functions', 'drift', 'clock', 'secrets', 'tax', 'smoke'])
    expect(of(check), JSON.stringify(of(check))).toMatchObject({ verdict: 'ok' });
  for (const check of ['ERP main', 'ERP sim', 'CPQ northwind/salesforce', 'subscriber billing', 'queues', 'dead letters', 'dead runs', 'quarantine'])
    expect(findings.map((finding) => finding.check)).toContain(check);
  expect(of('smoke')?.text).toMatch(/^quote to ERP order SO-\d+ in [\d.]+ s, every subscriber knows/);
});

test('a message in a dead-letter queue is bad, says where to look, and fails the command', async () => {
  const queues = createQueues('quotebridge-local', stage.sdk.sqs);
  const name = 'sweep-rule-dlq';
  const QueueUrl = await queues.urlOf(name);
  await stage.sdk.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
  try {
    const { code, of } = await poll(
      'the doctor sees the message',
      async () => {
        const seen = await doctor();
        return seen.of('dead letters')?.text.includes(name) && seen;
      },
      { every: 500 },
    );
    expect(code).toBe(1);
    expect(of('dead letters')).toMatchObject({ verdict: 'bad', cure: expect.stringContaining('npx quotebridge dlq list') as string });
  } finally {
    for (const { ReceiptHandle } of await queues.receive(name, 30)) await stage.sdk.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
});
