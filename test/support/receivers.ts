import { expect } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { ordersOfDay } from '../../lambdas/ledger/queries.ts';
import type { Digest, Received, ReceiverState } from '../../local/vendors/receivers.ts';
import { part } from './environment.ts';
import { poll } from './poll.ts';
import type { Stage } from './stage.ts';

/** Names of the subscribers of this environment. */
export const subscribers = (): string[] => Object.keys(part('receivers').facts ?? {});

export async function receiverState(name: string): Promise<ReceiverState> {
  const answer = await fetch(`${part('receivers').url}/${name}/state`);
  return (await answer.json()) as ReceiverState;
}

/** What a subscriber was told that people are asked. */
export async function digestsOf(name: string): Promise<Digest[]> {
  const answer = await fetch(`${part('receivers').url}/${name}/digests`);
  return (await answer.json()) as Digest[];
}

/** The last deliveries to a subscriber, answered as they were. */
export async function received(name: string): Promise<Received[]> {
  const answer = await fetch(`${part('receivers').url}/${name}/deliveries`);
  return (await answer.json()) as Received[];
}

async function tell(name: string, what: object): Promise<void> {
  const answer = await fetch(`${part('receivers').url}/__control/${name}`, { method: 'POST', body: JSON.stringify(what) });
  if (!answer.ok) throw new Error(`the receiver ${name} answered ${answer.status}`);
}

/** Lets a subscriber answer 503 to everything, or again as it should. */
export const setDown = (name: string, down: boolean): Promise<void> => tell(name, { down });

/** Lets a subscriber answer 400 to every event that contains a text, or again as it should. */
export const refuse = (name: string, text: string): Promise<void> => tell(name, { refuse: text });
export const acceptAgain = (name: string, text: string): Promise<void> => tell(name, { accept: text });

/** HEADs of the orders of these tenants, or of all. */
export async function ordersOf({ ledger }: Stage, tenants: readonly string[] | undefined): Promise<Head[]> {
  const days = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  const heads = (await Promise.all(days.map((day) => ordersOfDay(ledger, day)))).flat();
  return heads.filter(({ tenant }) => tenants?.includes(tenant) ?? true);
}

/** Where a subscriber has another state of an order than the ledger; empty when they agree. */
async function differences(stage: Stage, tenants: readonly string[] | undefined): Promise<{ orders: number; found: string[] }> {
  const states = await Promise.all(subscribers().map(async (name) => ({ name, ...(await receiverState(name)) })));
  const heads = await ordersOf(stage, tenants);
  const found = heads.flatMap(({ orderKey, seq, state }) =>
    states.flatMap(({ name, orders }) => {
      const theirs = orders[orderKey];
      if (theirs?.sequence === seq && theirs.state === state) return [];
      return [`${orderKey}: ${state} at ${seq} in the ledger, ${theirs?.state ?? 'nothing'} at ${theirs?.sequence ?? 0} at ${name}`];
    }),
  );
  return { orders: heads.length, found };
}

/** Every order of these tenants, or of all, is at every subscriber what it is in the ledger, or will be within `seconds`. @returns how many orders */
export async function everySubscriberAgrees(stage: Stage, tenants?: readonly string[], seconds = 200): Promise<number> {
  let last: Awaited<ReturnType<typeof differences>> = { orders: 0, found: ['nothing was compared'] };
  await poll(
    'every subscriber has what the ledger has',
    async () => {
      last = await differences(stage, tenants);
      return last.found.length === 0;
    },
    { seconds, every: 1000 },
  ).catch(() => undefined); // what differs says more than that time is over
  expect(last.found).toEqual([]);
  return last.orders;
}
