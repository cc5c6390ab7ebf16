import { InvokeCommand } from '@aws-sdk/client-lambda';
import { createQueues } from '../lambdas/aws/queues.ts';
import { hasEnded } from '../lambdas/domain/replay.ts';
import { createLedger } from '../lambdas/ledger/ledger.ts';
import { readReplay } from '../lambdas/ledger/replays.ts';
import { LOCAL_STAGE } from '../local/state.ts';
import { clients, output } from '../test/support/environment.ts';
import { poll } from '../test/support/poll.ts';

/** Messages of the replay tool; of the plain loop, which takes its time. */
const MANY = 3000;
const FEW = 500;
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

const isEmpty = (name: string, and: 'nothing in flight' | 'whatever is in flight') =>
  poll(
    `${name} is empty`,
    async () => {
      const { visible, inFlight } = await queues.depth(name);
      return visible === 0 && (inFlight === 0 || and === 'whatever is in flight');
    },
    { seconds: 300, every: 50 },
  );

async function plainLoop(): Promise<number> {
  await fill(FEW);
  const began = performance.now();
  for (let done = 0; done < FEW; ) {
    const [message] = await queues.receive(DEAD, 60, 1);
    if (!message) continue;
    await queues.sendAll(TARGET, [{ body: message.Body ?? '' }]);
    await queues.remove(DEAD, [message.ReceiptHandle ?? '']);
    done += 1;
  }
  return (FEW * 1000) / (performance.now() - began);
}

async function replayTool(): Promise<number> {
  await fill(MANY);
  const request = { queue: DEAD, by: 'bench', reason: 'how fast it drains', perSecond: 1000 };
  const began = performance.now();
  const invoke = new InvokeCommand({ FunctionName: output('OperationsReplayFunction'), Payload: JSON.stringify(request) });
  const { Payload, FunctionError } = await sdk.lambda.send(invoke);
  const answer = JSON.parse(Payload?.transformToString() ?? '{}') as { replay: string };
  if (FunctionError) throw new Error(JSON.stringify(answer));
  await isEmpty(DEAD, 'nothing in flight');
  const perSecond = (MANY * 1000) / (performance.now() - began);
  const record = await poll(
    'the replay has ended',
    async () => {
      const replay = await readReplay(ledger, answer.replay);
      return replay && hasEnded(replay) && replay;
    },
    { seconds: 180, every: 500 },
  );
  if (record.counts.sent !== MANY) throw new Error(`the replay is ${record.status}: ${JSON.stringify(record.counts)} of ${MANY}`);
  return perSecond;
}

/**
 * How fast the replay tool drains a dead-letter queue, beside a plain loop that receives, sends and deletes one message at a time, in one
 * run. The loop runs before and after, since other load of the machine would spoil the comparison: the faster of the two counts.
 */
export async function measure(): Promise<void> {
  const rested = () => isEmpty(TARGET, 'whatever is in flight');
  await isEmpty(DEAD, 'nothing in flight');
  const before = await plainLoop();
  await rested();
  const tool = await replayTool();
  await rested();
  const after = await plainLoop();
  await rested();
  console.log(`plain loop: ${before.toFixed(1)} messages a second before, ${after.toFixed(1)} after (${FEW} messages each)`);
  console.log(`replay: ${tool.toFixed(1)} messages a second (${MANY} messages, from its beginning until the queue is empty)`);
  console.log(`ratio: ${(tool / Math.max(before, after)).toFixed(1)}`);
}
