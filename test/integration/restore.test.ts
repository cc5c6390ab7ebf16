import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { run } from '../../cli/program.ts';
import { simulator } from '../support/erps.ts';
import { northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the CLI as an operator does. */
async function quotebridge(...args: string[]) {
  let text = '';
  const collect = (more: string) => {
    text += more;
  };
  const code = await run(args, { out: collect, err: collect });
  return { code, text };
}

const ofTenant = ['--tenant', 't61'];
const audit = () => quotebridge('audit', 'verify', ...ofTenant);

test('an operator keeps a backup, finds a fact that was changed, and brings the ledger of a tenant back as it was', async () => {
  const tenant = createTenant(stage, 't61', simulator);
  const [before, after] = [northwindQuote(1), northwindQuote(2)];
  await tenant.prepare(before);
  await tenant.prepare(after);
  const orderKey = await tenant.accept(before);
  await tenant.untilState(orderKey, 'completed');
  await everySubscriberAgrees(stage, ['t61']);
  const head = await tenant.order(orderKey);

  const file = join(folder, 'ledger.jsonl.gz');
  expect(await quotebridge('ledger', 'export', '--to', file, ...ofTenant)).toMatchObject({ code: 0, text: expect.stringContaining(file) });
  expect(await audit()).toMatchObject({ code: 0, text: expect.stringContaining('every chain is whole') });

  // under a raised epoch it is not number 2
  const fact = (await tenant.lineage(orderKey)).facts[1];
  await stage.ledger.client.send(new PutCommand({ TableName: stage.ledger.table, Item: { ...fact, actor: 'cli:mallory' } }));
  const broken = await audit();
  expect(broken).toMatchObject({
    code: 1,
    text: expect.stringMatching(new RegExp(`${orderKey} +${fact?.seq} +it was changed after it was written`)),
  });

  const cut = join(folder, 'cut.jsonl.gz');
  writeFileSync(cut, readFileSync(file).subarray(0, -30));
  expect((await quotebridge('ledger', 'restore', '--from', cut, '--reason', 'a test', ...ofTenant)).code).toBe(1);
  expect((await quotebridge('ledger', 'restore', '--from', file, '--reason', 'a test')).text).toContain('is of tenant t61');
  expect((await tenant.order(orderKey)).epoch).toBe(head.epoch);

  const lost = await tenant.accept(after);
  await tenant.untilState(lost, 'completed');
  const restored = await quotebridge('ledger', 'restore', '--from', file, '--reason', 'a fact was changed', ...ofTenant);
  expect(restored).toMatchObject({ code: 0, text: expect.stringMatching(/\d orders? will run from/) });
  expect(await audit()).toMatchObject({ code: 0, text: expect.stringContaining('every chain is whole') });
  await expect(tenant.order(lost)).rejects.toThrow('has no order');
  const back = await tenant.order(orderKey);
  expect(back).toMatchObject({ state: 'completed', order: head.order, seq: head.seq });
  // no epoch is used twice, of whatever tenant
  expect(back.epoch).toBeGreaterThan(head.epoch);
  expect((await quotebridge('doctor')).text).toMatch(new RegExp(`restore +epoch ${back.epoch} of tenant t61`));
  await everySubscriberAgrees(stage, ['t61']);
});
