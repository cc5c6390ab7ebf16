import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stackOutputs } from '../../cli/where.ts';
import { loadConfig } from '../../config/index.ts';
import { causeOf } from '../../contracts/reference.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import { entryTaskId } from '../../lambdas/ledger/entry-tasks.ts';
import { findTask } from '../../lambdas/ledger/tasks.ts';
import type { OrderView } from '../../lambdas/views/order.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { cloud } from '../support/capabilities.ts';
import { data, quotebridge } from '../support/cli.ts';
import { outputs } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { inbound, northwindQuote, withContent } from '../support/quotes.ts';
import { everySubscriberAgrees, subscribers } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const folder = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.concurrent('an operator', () => {
  test('finds a waiting order, runs the command beside it, and sees all that happened', async () => {
    const tenant = createTenant(stage, 't40', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote, 'ACC-VINET');
    const orderKey = await tenant.accept(quote);
    await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');

    const { orders } = await data<{ orders: OrderView[] }>('orders', 'list', '--waiting', '--tenant', 't40');
    const command = orders.find((order) => order.orderKey === orderKey)?.next?.command ?? '';
    const task = causeTaskId(causeOf('t40', 'sim', 'customer', 'ACC-VINET'));
    expect(command).toBe(`npx quotebridge tasks decide ${task} correct --target CODE --reason TEXT`);
    const words = command.replace('CODE', 'VINET').split(' ').slice(2);
    expect((await quotebridge(...words)).stdout).toContain('decided: The code stands for this record of the ERP');
    await tenant.untilState(orderKey, 'completed');

    await everySubscriberAgrees(stage, ['t40']);
    const number = quote.header.number ?? '';
    const lineage = await data<{ revisions: unknown[] }>('lineage', number, '--tenant', 't40');
    expect(lineage).toMatchObject({
      quote: { tenant: 't40', id: quote.header.id, highestRevision: 1 },
      revisions: [
        {
          orderKey,
          state: 'completed',
          erp: { instance: 'sim', reference: (await simulator.sales(orderKey))[0]?.ref },
          executions: [{ name: `${orderKey}-0-1` }, { name: `${orderKey}-0-2` }],
          chain: { intact: true },
          documents: [{ kind: 'tax', status: 'recorded' }],
        },
      ],
    });
    const [revision] = lineage.revisions as { facts: { type: string }[]; deliveries: { subscriber: string; behind: number }[] }[];
    expect(revision?.facts.map(({ type }) => type).slice(0, 3)).toEqual(['order.accepted.v1', 'order.parked.v1', 'order.resumed.v1']);
    expect(revision?.deliveries.map(({ subscriber, behind }) => [subscriber, behind])).toEqual(subscribers().map((name) => [name, 0]));
    for (const name of [orderKey, orderKey.toLowerCase(), quote.header.id])
      expect(await data('lineage', name, '--tenant', 't40', '--cpq', 'canonical')).toMatchObject({ revisions: [{ orderKey }] });
  });

  test('runs an order after its cure, and is told when there is nothing left to run', async () => {
    const tenant = createTenant(stage, 't41', simulator);
    const quote = northwindQuote(8);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    const head = await tenant.untilWaiting(orderKey, 'CUSTOMER_BLOCKED');
    expect(await data('orders', 'run', orderKey)).toMatchObject({ orderKey, answer: 'due' });
    await tenant.until(orderKey, 'has run again', ({ run }) => run.n > head.run.n && !run.active);

    const { stdout } = await quotebridge('orders', 'cancel', orderKey, '--reason', 'blocked for good');
    expect(stdout).toContain('is being cancelled');
    await tenant.untilState(orderKey, 'cancelled');
    expect(await data('orders', 'show', orderKey)).toMatchObject({ state: 'cancelled', stops: { cancel: { reason: 'blocked for good' } } });
    expect(await data('orders', 'cancel', orderKey, '--reason', 'again')).toMatchObject({ answer: 'already ended' });
    const refused = await quotebridge('orders', 'run', orderKey);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`npx quotebridge lineage ${orderKey}`);
  });

  test('reads what the functions logged of an order', async () => {
    const tenant = createTenant(stage, 't42', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote, 'ACC-VINET');
    const orderKey = await tenant.accept(quote);
    await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
    const logged = async () => {
      const { lines } = await data<{ lines: { function: string; code?: string }[] }>('logs', orderKey);
      return lines.find((line) => line.function === 'quote-to-order-erp' && line.code === 'CUSTOMER_UNKNOWN');
    };
    await poll('the log has the step that stopped', logged, { seconds: 60, every: 1000 });
  });

  test('resubmits what was rejected, corrects it, and is refused what would be refused again', async () => {
    const tenant = createTenant(stage, 't43', simulator);
    const quote = northwindQuote(2);
    await tenant.prepare(quote);
    const event = tenant.event(quote);
    await stage.put({ ...inbound(event), 'detail-type': 'quote.created.v1' });
    const { id } = await tenant.quarantined('the event', ({ code, resubmittedAt }) => code === 'EVENT_MALFORMED' && !resubmittedAt);

    const shown = await data<{ text: string }>('quarantine', 'show', id);
    expect(JSON.parse(shown.text)).toMatchObject({ 'detail-type': 'quote.created.v1', detail: { id: event.id } });
    const file = join(folder, 'corrected.json');
    writeFileSync(file, JSON.stringify(inbound(event)));
    expect((await quotebridge('quarantine', 'resubmit', id, '--tenant', 't43', '--file', file)).code).toBe(0);
    const orderKey = tenant.keyOf(quote);
    await poll('the order is there', () => stage.ledger.read(orderKey), { seconds: 60 });
    const { events } = await data<{ events: { id: string }[] }>('quarantine', 'list', '--tenant', 't43');
    expect(events.map((one) => one.id)).not.toContain(id);

    const other = withContent(quote, (content) => ({ ...content, shipping: { ...content.shipping, freight: '1.00' } }));
    await tenant.accept(other);
    const conflict = await tenant.quarantined(
      'the other content',
      ({ code, detail }) => code === 'QUOTE_CONTENT_CHANGED' && detail.includes(orderKey),
    );
    const refused = await quotebridge('quarantine', 'resubmit', conflict.id, '--tenant', 't43');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Accept a new revision in the CPQ');
    const dismissal = await quotebridge('quarantine', 'dismiss', conflict.id, '--tenant', 't43', '--reason', 'a new revision follows');
    expect(dismissal).toMatchObject({ code: 0, stderr: '' });
    expect(await findTask(stage.ledger, entryTaskId(conflict))).toMatchObject({ state: 'closed', closed: { option: 'dismiss' } });
    await tenant.untilState(orderKey, 'completed');
  });
});

test('CloudFormation says the same of the stacks as the file that the local stage reads', async () => {
  expect(await stackOutputs(stage.sdk.cloudFormation, await loadConfig(LOCAL_STAGE, cloud))).toEqual(outputs());
});
