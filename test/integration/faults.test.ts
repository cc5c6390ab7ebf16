import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, test } from 'vitest';
import { executionName } from '../../lambdas/domain/identity.ts';
import type { FaultRule } from '../../local/vendors/faults.ts';
import { output, part } from '../support/environment.ts';
import { HIT_MS, holdDraft, tryton } from '../support/erps.ts';
import { killCaller } from '../support/function-process.ts';
import { northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';

const stage = connectStage();
/** A call can land until its function has timed out (45 s) and the ERP's own maximum is over (31 s): before that nothing is decided. */
const SETTLED = 170;

/** The schedule begins a minute after the deployment: the sweeper that these orders need is woken once by hand, before any of them is there. */
beforeAll(async () => {
  await stage.sdk.sqs.send(new SendMessageCommand({ QueueUrl: output('SweepQueueUrl'), MessageBody: '{}' }));
});

/** A quote that the tenant's ERP can make an order of, and its key. */
async function prepared(tenant: Tenant) {
  const quote = northwindQuote(1);
  await tenant.prepare(quote);
  return { quote, orderKey: tenant.keyOf(quote) };
}

/** Sends a quote whose draft the ERP makes under this fault. @returns its key, and when the fault was met */
async function draftUnder(tenant: Tenant, fault: Omit<FaultRule, 'match'>) {
  const { quote, orderKey } = await prepared(tenant);
  const faults = tenant.erp.faults();
  const rule = await faults.plan({ match: tenant.erp.draftOf(orderKey), ...fault });
  await tenant.accept(quote);
  return { orderKey, hit: await faults.hit(rule, HIT_MS) };
}

/** The same for confirming: the draft's answer is held until the fault is planned for its sale. */
async function confirmUnder(tenant: Tenant, fault: Omit<FaultRule, 'match'>) {
  const { quote, orderKey } = await prepared(tenant);
  const draft = await holdDraft(tenant.erp, orderKey);
  await tenant.accept(quote);
  await draft.made();
  const [sale] = await tenant.erp.sales(orderKey);
  const faults = tenant.erp.faults();
  const rule = await faults.plan({ match: tenant.erp.confirmOf(sale?.ref ?? ''), ...fault });
  await draft.letGo();
  return { orderKey, hit: await faults.hit(rule, HIT_MS) };
}

/** One order in the ERP, one fact for each thing that was done; until then the order said what it waited for. */
async function completesOnce(tenant: Tenant, orderKey: string, code: string): Promise<void> {
  const head = await tenant.untilState(orderKey, 'completed', SETTLED);
  expect(head).toMatchObject({ everUnknown: true, generation: 0 });
  expect(await tenant.erp.sales(orderKey)).toHaveLength(1);
  const facts = await tenant.facts(orderKey);
  for (const type of ['order.drafted.v1', 'order.confirmed.v1', 'order.completed.v1']) {
    expect(facts.filter((fact) => fact.type === type)).toHaveLength(1);
  }
  expect(facts.map(({ data }) => data.waiting?.code)).toContain(code);
}

describe.concurrent('the order completes by itself, and once,', () => {
  test('when the answer is lost after the ERP made the draft', async () => {
    const tenant = createTenant(stage, 't11', tryton);
    const { orderKey } = await draftUnder(tenant, { action: 'drop-answer' });
    await completesOnce(tenant, orderKey, 'ERP_ANSWER_UNKNOWN');
  });

  test('when the answer is lost after the ERP confirmed the order', async () => {
    const tenant = createTenant(stage, 't12', tryton);
    const { orderKey } = await confirmUnder(tenant, { action: 'drop-answer' });
    await completesOnce(tenant, orderKey, 'ERP_ANSWER_UNKNOWN');
  });

  test("when the function's process is killed after the ERP made the draft", async () => {
    const tenant = createTenant(stage, 't13', tryton);
    const { orderKey, hit } = await draftUnder(tenant, { action: 'hold-answer', ms: tryton.holdMs });
    killCaller(hit.clientPort, part('erp').url);
    await completesOnce(tenant, orderKey, 'EFFECT_UNKNOWN');
  });

  test("when the function's process is killed after the ERP confirmed the order", async () => {
    const tenant = createTenant(stage, 't14', tryton);
    const { orderKey, hit } = await confirmUnder(tenant, { action: 'hold-answer', ms: tryton.holdMs });
    killCaller(hit.clientPort, part('erp').url);
    await completesOnce(tenant, orderKey, 'EFFECT_UNKNOWN');
  });

  test('when its execution is stopped, and the death is counted', async () => {
    const tenant = createTenant(stage, 't15', tryton);
    const quote = northwindQuote(9); // no other test sells to this customer, so the fault meets this order alone
    await tenant.prepare(quote);
    const faults = tryton.faults();
    // Longer than a run may last unseen: one cloud only marks a stopped execution and lets its steps go on, which then find it over.
    const held = await faults.plan({
      match: { method: 'model.party.party.search_read', contains: `"${quote.customer}"` },
      action: 'hold-answer',
      ms: 33_000,
    });
    const orderKey = await tenant.accept(quote);
    await faults.hit(held, HIT_MS);
    const executionArn = `${stage.stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(orderKey, 0, 1)}`;
    await stage.sdk.sfn.send(new StopExecutionCommand({ executionArn, cause: 'a test' }));
    const head = await tenant.untilState(orderKey, 'completed', SETTLED);
    expect(head.run).toMatchObject({ n: 2, deaths: 0 });
    const parked = (await tenant.facts(orderKey)).filter(({ type }) => type === 'order.parked.v1');
    expect(parked.map(({ data }) => data.waiting)).toMatchObject([{ code: 'PLATFORM_STEP_DIED', detail: 'run 1 ended without writing its end' }]);
    expect(tryton.count(orderKey)).toBe(1);
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  expect(await everySubscriberAgrees(stage, ['t11', 't12', 't13', 't14', 't15'])).toBeGreaterThan(0);
});
