import { expect, test } from 'vitest';
import { replayRequest } from '../../contracts/replay.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { beginReplay, claimReplay, endReplay, readReplay } from '../../lambdas/ledger/replays.ts';
import { inSeconds } from './domain-fixtures.ts';
import { memoryTable } from './table-fixtures.ts';

const request = replayRequest.parse({ queue: 'run-dlq', by: 'cli:alice', reason: 'a test' });

/** A replay that one invocation has claimed by the message `m`, for 15 s. */
async function claimed() {
  const table = memoryTable();
  const clock = { seconds: 0 };
  const ledger = createLedger({ client: table.client, table: 'ledger', now: () => new Date(inSeconds(clock.seconds)) });
  const { id } = await beginReplay(ledger, 'run-dlq', request);
  const claim = () => claimReplay(ledger, id, 'm', 15_000);
  const mine = await claim();
  if (!mine) throw new Error('there is nothing to claim');
  return { table, clock, ledger, id, claim, mine };
}

test('an invocation that has lost its lease does not end the replay', async () => {
  const { clock, ledger, id, claim, mine } = await claimed();
  clock.seconds = 20;
  const other = await claim();
  await expect(endReplay(ledger, mine, 'done')).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(await readReplay(ledger, id)).toMatchObject({ status: 'running', lease: other?.lease });
});

test('only the replay that has the lock of a queue gives it free', async () => {
  const { table, ledger, mine } = await claimed();
  const lock = { pk: 'RP#ACTIVE', sk: 'run-dlq', replay: 'another' };
  table.put(lock);
  await expect(endReplay(ledger, mine, 'done')).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(table.items.get('RP#ACTIVE run-dlq')).toEqual(lock);
});

test.each([
  ['handed on', 0, inSeconds(1)],
  ['died, and may have received messages since', 1, undefined],
])('since when a queue is quiet where the invocation before %s', async (_name, tries, quietSince) => {
  const { table, clock, id, claim, mine } = await claimed();
  table.put({ pk: 'RP', sk: id, ...mine, tries, quietSince: inSeconds(1) });
  clock.seconds = 20;
  expect((await claim())?.quietSince).toBe(quietSince);
});
