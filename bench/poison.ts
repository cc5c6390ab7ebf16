import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { CloudEvent } from '../contracts/envelope.ts';
import { percentile } from '../local/report/statistics.ts';
import { queueOf } from '../test/support/dead-letters.ts';
import { output } from '../test/support/environment.ts';
import { simulator } from '../test/support/erps.ts';
import { fromBusinessRule } from '../test/support/from-rule.ts';
import { poll } from '../test/support/poll.ts';
import { northwindQuote } from '../test/support/quotes.ts';
import { acceptAgain, received, refuse } from '../test/support/receivers.ts';
import { connectStage } from '../test/support/stage.ts';
import { createTenant } from '../test/support/tenant.ts';

const MESSAGES = 1000;
const POISON_EVERY = 100;
const SUBSCRIBER = 'provisioning';
/** Messages a second that are sent: about two thirds of what a laptop delivers, so that what is measured is not the length of the queue. */
const RATES = { steady: 25, burst: Number.POSITIVE_INFINITY };

const stage = connectStage();
const queue = queueOf(stage, `deliver-${SUBSCRIBER}`);

/** The last event of a completed order: sent again it moves nobody, so the measurement leaves no order behind. */
async function anEvent(): Promise<CloudEvent<unknown>> {
  const tenant = createTenant(stage, 't48', simulator);
  const quote = northwindQuote(1);
  await tenant.prepare(quote);
  const orderKey = await tenant.accept(quote);
  await tenant.untilState(orderKey, 'completed');
  const event = (await tenant.facts(orderKey)).at(-1);
  if (!event) throw new Error('a completed order without a fact');
  return event;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends so many messages a second. @returns when each event was sent, by its id */
async function send(bodies: ReadonlyMap<string, string>, rate: number): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const all = [...bodies];
  const start = Date.now();
  for (let from = 0; from < all.length; from += 10) {
    await pause(Math.max(0, start + (1000 * from) / rate - Date.now()));
    const page = all.slice(from, from + 10);
    for (const [id] of page) sentAt.set(id, Date.now());
    const Entries = page.map(([, MessageBody], at) => ({ Id: String(at), MessageBody }));
    await stage.sdk.sqs.send(new SendMessageBatchCommand({ QueueUrl: output('DeliverProvisioningQueueUrl'), Entries }));
  }
  return sentAt;
}

/** Delivers the messages, one in a hundred of them poison or none. @returns milliseconds from sending to the answer, of those that are not poison */
async function deliver(event: CloudEvent<unknown>, rate: number, poison: boolean, messages = MESSAGES): Promise<number[]> {
  const run = randomUUID();
  const idOf = (n: number): string => `${poison && n % POISON_EVERY === 0 ? `bad-${run}` : run}:${n}`;
  const bodies = new Map(
    Array.from({ length: messages }, (_, n) => {
      const sent = { ...event, id: idOf(n) };
      return [sent.id, fromBusinessRule(sent)];
    }),
  );
  const bad = [...bodies].filter(([id]) => id.startsWith('bad-')).map(([, body]) => body);
  await refuse(SUBSCRIBER, `bad-${run}`);
  const sentAt = await send(bodies, rate);
  const latencies = await poll(
    'every neighbour was delivered',
    async () => {
      const first = new Map<string, number>();
      for (const { id, status, at } of await received(SUBSCRIBER)) if (status === 204 && sentAt.has(id) && !first.has(id)) first.set(id, at);
      return first.size === messages - bad.length && [...first].map(([id, at]) => at - (sentAt.get(id) ?? 0));
    },
    { seconds: 300, every: 1000 },
  );
  for (const body of bad) await queue.untilDead((text) => text === body);
  for (const body of bad) await queue.clear(body);
  await acceptAgain(SUBSCRIBER, `bad-${run}`);
  return latencies;
}

/** How much poison delays its neighbours in the queue of one subscriber. Without, with, with, without: a machine that slows down is no finding. */
export async function measure(): Promise<void> {
  const event = await anEvent();
  await deliver(event, RATES.steady, false, 100); // functions are warm after that
  console.log(`${MESSAGES} messages to ${SUBSCRIBER}, twice each; poison: 1 in ${POISON_EVERY}; milliseconds from sending to the answer`);
  for (const [name, rate] of Object.entries(RATES)) {
    const without: number[] = [];
    const withPoison: number[] = [];
    for (const poison of [false, true, true, false]) (poison ? withPoison : without).push(...(await deliver(event, rate, poison)));
    const [plain, beside] = [without, withPoison].map((latencies) => ({
      p50: percentile(latencies, 0.5) ?? 0,
      p95: percentile(latencies, 0.95) ?? 0,
    }));
    const line = (label: string, { p50, p95 }: { p50: number; p95: number }) => console.log(`  ${name}, ${label}: p50 ${p50} ms, p95 ${p95} ms`);
    if (!plain || !beside) throw new Error('nothing was measured');
    line('no poison', plain);
    line('neighbours of poison', beside);
    console.log(`  ${name}: p95 ratio ${(beside.p95 / plain.p95).toFixed(2)}`);
  }
}
