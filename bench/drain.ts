/**
 * `node bench/drain.ts [--messages 3000]`: how fast the replay tool drains a dead-letter queue, beside a plain loop that receives, sends and
 * deletes one message at a time, in one run on the cloud of a running environment (`npm run up`).
 */
import { parseArgs } from 'node:util';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { createQueues } from '../lambdas/aws/queues.ts';
import { hasEnded } from '../lambdas/domain/replay.ts';
import { createLedger } from '../lambdas/ledger/ledger.ts';
import { readReplay } from '../lambdas/ledger/replays.ts';
import { LOCAL_STAGE } from '../local/state.ts';
import { clients, output } from '../test/support/environment.ts';
import { poll } from '../test/support/poll.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '3000' } } });
const messages = Number(values.messages);
/** Of the plain loop, which takes its time. */
const few = Math.ceil(messages / 6);
const DEAD = 'cause-dlq';
const TARGET = 'cause';

const sdk = clients();
const queues = createQueues(`quotebridge-${LOCAL_STAGE}`, sdk.sqs);
const ledger = createLedger({ client: sdk.documents, table: output('LedgerTable') });

/** Nobody waits for these causes: the consumer only looks. */
async function fill(count: number): Promise<void> {
  const bodies = Array.from({ length: count }, (_, n) => ({ body: JSON.stringify({ cause: `bench#sim#product#${process.pid}-${n}` }) }));
  const taken = await queues.sendAll(DEAD, bodies);
  if (taken.size < count) throw new Error(`only ${taken.size} of ${count} messages were put into ${DEAD}`);
}

/** No message waits or is on its way any more: what one measurement left does not slow down the next. */
const settled = (name: string) =>
  poll(
    `${name} is empty`,
    async () => {
      const { visible, inFlight } = await queues.depth(name);
      return visible + inFlight === 0;
    },
    { seconds: 300, every: 50 },
  );

async function plainLoop(): Promise<number> {
  await fill(few);
  const began = performance.now();
  for (let done = 0; done < few; ) {
    const [message] = await queues.receive(DEAD, 60, 1);
    if (!message) continue;
    await queues.sendAll(TARGET, [{ body: message.Body ?? '' }]);
    await queues.remove(DEAD, [message.ReceiptHandle ?? '']);
    done += 1;
  }
  return (few * 1000) / (performance.now() - began);
}

async function replayTool(): Promise<number> {
  await fill(messages);
  const request = { queue: DEAD, by: 'bench', reason: 'how fast it drains', perSecond: 1000 };
  const began = performance.now();
  const invoke = new InvokeCommand({ FunctionName: output('OperationsReplayFunction'), Payload: JSON.stringify(request) });
  const { Payload, FunctionError } = await sdk.lambda.send(invoke);
  const answer = JSON.parse(Payload?.transformToString() ?? '{}') as { replay: string };
  if (FunctionError) throw new Error(JSON.stringify(answer));
  await settled(DEAD);
  const perSecond = (messages * 1000) / (performance.now() - began);
  const record = await poll('the replay has ended', async () => {
    const replay = await readReplay(ledger, answer.replay);
    return replay && hasEnded(replay) && replay;
  });
  if (record.counts.sent !== messages) throw new Error(`the replay is ${record.status}: ${JSON.stringify(record.counts)} of ${messages}`);
  return perSecond;
}

await settled(DEAD);
const plain = await plainLoop();
await settled(TARGET);
const tool = await replayTool();
await settled(TARGET);
const cloud = process.env.QUOTEBRIDGE_CLOUD ?? 'ministack';
console.log(`plain loop: ${plain.toFixed(1)} messages a second (${few}); replay: ${tool.toFixed(1)} (${messages}, begin to empty queue, ${cloud})`);
console.log(`ratio: ${(tool / plain).toFixed(1)}`);
