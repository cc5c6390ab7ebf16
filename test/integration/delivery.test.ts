import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home } from '../../local/paths.ts';
import { simulator } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees, receiverState, setDown, subscribers } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const AWAY = 'customer-success';

/** Sequences of one order in the order in which each receiver applied them. */
function appliedBy(orderKey: string): Map<string, number[]> {
  const lines = readFileSync(join(home, 'receivers.jsonl'), 'utf8').split('\n').filter(Boolean);
  const events = lines.map((line) => JSON.parse(line) as { receiver: string; data: { orderKey: string; sequence: number } });
  const own = events.filter(({ data }) => data.orderKey === orderKey);
  return new Map([...Map.groupBy(own, ({ receiver }) => receiver)].map(([name, all]) => [name, all.map(({ data }) => data.sequence)]));
}

test('a subscriber that was down gets everything when it is up again, the others get it at once, and nobody goes back', async () => {
  const tenant = createTenant(stage, 't30', simulator);
  const [before, during] = [northwindQuote(1), northwindQuote(1)];
  await tenant.prepare(before);
  const known = await tenant.accept(before);
  await tenant.untilState(known, 'completed');
  const orderKey = tenant.keyOf(during);
  const turnedAway = (await receiverState(AWAY)).counters.unavailable;
  await setDown(AWAY, true);
  try {
    await tenant.accept(during);
    await tenant.untilState(orderKey, 'completed');
    await poll(`${AWAY} has turned events away`, async () => (await receiverState(AWAY)).counters.unavailable > turnedAway, { seconds: 60 });
    for (const name of subscribers().filter((one) => one !== AWAY)) {
      await poll(`${name} has the end`, async () => (await receiverState(name)).orders[orderKey]?.sequence === 5, { seconds: 90, every: 500 });
    }
    expect((await receiverState(AWAY)).orders[orderKey]).toBeUndefined();
  } finally {
    await setDown(AWAY, false);
  }
  await tenant.accept(during); // a repetition, now that it is up: no news
  expect(await everySubscriberAgrees(stage, [tenant.name], 120)).toBeGreaterThanOrEqual(2);
  expect((await receiverState(AWAY)).orders[orderKey]).toMatchObject({ sequence: 5, state: 'completed' });
  for (const sequences of appliedBy(orderKey).values()) expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  expect([...appliedBy(orderKey).keys()].sort()).toEqual(subscribers().sort());
});
