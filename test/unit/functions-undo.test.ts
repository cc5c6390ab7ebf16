import { describe, expect, it, vi } from 'vitest';
import { measured } from '../../lambdas/aws/metrics.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { predecessorVerdict } from '../../lambdas/domain/protocol/index.ts';
import { cancelDraft } from '../../lambdas/functions/quote-to-order/erp/cancel-draft.ts';
import { checkCustomer } from '../../lambdas/functions/quote-to-order/erp/check-customer.ts';
import { confirmOrder } from '../../lambdas/functions/quote-to-order/erp/confirm-order.ts';
import { createDraft } from '../../lambdas/functions/quote-to-order/erp/create-draft.ts';
import { priceAndShipping } from '../../lambdas/functions/quote-to-order/erp/price-and-shipping.ts';
import { standAlone } from '../../lambdas/functions/quote-to-order/erp/reversal.ts';
import { probe, settleOpen } from '../../lambdas/functions/quote-to-order/erp/settle-open.ts';
import type { RunDeps } from '../../lambdas/functions/quote-to-order/run/deps.ts';
import { dispatch } from '../../lambdas/functions/quote-to-order/run/dispatch.ts';
import { voidTax } from '../../lambdas/functions/quote-to-order/tax/void-tax.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { active, cancel, cancelled, completed, confirmed, drafted, inSeconds, KEY, NOW, recorded, superseded } from './domain-fixtures.ts';
import { erpOrder, erpWorld } from './erp-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const asked: Head = { ...completed, stops: cancel };
const FIRST = 'F1RSTF1RSTF1RSTF1RST';
const idle = (head: Head): Head => ({ ...head, run: { ...head.run, active: false }, dueAt: undefined, sweepAt: undefined });
const first = (patch: Partial<Head> = {}): Head => ({ ...idle(completed), orderKey: FIRST, ...patch });
const second: Head = { ...active, predecessor: FIRST, quote: { ...active.quote, revision: 2 } };

describe('a confirmed order that was asked to stop', () => {
  it('notes what the ERP has in force, and goes on to the question', async () => {
    const { step, erp, head } = erpWorld(asked);
    await step(checkCustomer);
    expect(erp.calls).toEqual(['in force 7']);
    expect(head().lastError).toMatchObject({ code: 'CANCEL_AFTER_PIVOT', detail: 'asked for by alice; in force in the ERP: shipment 4 is waiting' });
  });

  it('is reversed when the ERP says so', async () => {
    const { step, erp, head, facts } = erpWorld(asked);
    erp.inForce = [];
    await expect(step(checkCustomer)).rejects.toMatchObject({ name: 'Stop', code: 'NEWS_ARRIVED' });
    expect([head().state, facts()]).toEqual(['reversed', ['order.reversed.v1']]);
  });

  it.each<[string, Head]>([
    ['kept', { ...completed, stops: { cancel: { ...cancel.cancel, decided: 'keep' } } }],
    ['superseded only: the newer revision asks', { ...confirmed, stops: superseded }],
    ['asked nothing', completed],
  ])('and is %s is not asked about in the ERP', async (_name, start) => {
    const { step, erp } = erpWorld(start);
    await step(checkCustomer);
    expect(erp.calls).toEqual([]);
  });

  it('that is reversed has its tax document voided, without a stop', async () => {
    const voided: string[] = [];
    const reversed: Head = { ...completed, state: 'reversed', tax: recorded };
    const { deps, call, head } = erpWorld(reversed);
    const tax = { ...deps.tax, vendorMaximumMs: 0, voidDocument: async (key: string) => voided.push(key) };
    await voidTax({ ...deps, tax } as unknown as Parameters<typeof voidTax>[0])(call());
    expect([voided, head().tax?.status, head().state]).toEqual([[recorded.key], 'voided', 'reversed']);
  });
});

describe('a newer revision of an order that the ERP has', () => {
  const world = (patch: Partial<Head> = {}, afterPivot: 'task' | 'amend' = 'task', start = second) =>
    erpWorld(start, [], undefined, { beside: [first(patch)], afterPivot });

  it('asks a person, about that order and with what is in force of it', async () => {
    const { deps, call, head, erp } = world();
    await expect(standAlone(deps, call(), head())).rejects.toMatchObject({
      code: 'PREDECESSOR_PAST_PIVOT',
      detail: 'revision 1 of quote Q-1 is completed; in force in the ERP: order S7, shipment 4 is waiting',
      ask: { subject: FIRST },
    });
    expect(erp.calls).toEqual(['in force 7']);
  });

  it('asks a person also where that ERP is not in the configuration any more: nobody can read it back', async () => {
    const { deps, call, head, erp } = world({ route: { ...second.route, erp: 'replaced' } });
    await expect(standAlone(deps, call(), head())).rejects.toMatchObject({
      code: 'PREDECESSOR_PAST_PIVOT',
      detail: expect.stringContaining('order S7, and nobody can look what of it: ERP replaced is not in our configuration any more'),
      ask: { subject: FIRST },
    });
    expect(erp.calls).toEqual([]);
  });

  it('goes on when the ERP has reversed it, which closes its question in the same write', async () => {
    const task = {
      id: 't',
      code: 'CANCEL_AFTER_PIVOT' as const,
      openedAt: NOW,
      dueAt: NOW,
      owner: 'sales-operations' as const,
      level: 0,
      approved: [],
    };
    const wait = { kind: 'person' as const, code: 'CANCEL_AFTER_PIVOT' as const, since: NOW, times: 1 };
    const { deps, call, head, erp } = world({ stops: cancel, wait, task, dueAt: inSeconds(60), sweepAt: inSeconds(60) });
    erp.inForce = [];
    expect(await standAlone(deps, call(), head())).toMatchObject({ orderKey: KEY, state: 'accepted' });
    const before = await deps.ledger.read(FIRST);
    expect(before).toMatchObject({ state: 'reversed', dueAt: NOW, stops: { cancel: { decided: 'reversed' } } });
    expect([before?.task, before?.wait, head().amends]).toEqual([undefined, undefined, undefined]);
  });

  it('amends it where the policy says so, with a fact', async () => {
    const { deps, call, head, facts } = world({}, 'amend');
    expect(await standAlone(deps, call(), head())).toMatchObject({ amends: FIRST });
    expect([facts(), (await deps.ledger.read(FIRST))?.state]).toEqual([['order.amendment-opened.v1'], 'completed']);
    expect(await standAlone(deps, call(), head())).toMatchObject({ amends: FIRST });
  });

  const SECOND = '2'.repeat(20);
  const THIRD = '3'.repeat(20);
  const fourth: Head = { ...second, predecessor: THIRD, quote: { ...active.quote, revision: 4 } };
  const between: Head = { ...idle(completed), orderKey: SECOND, predecessor: FIRST, quote: { ...active.quote, revision: 2 } };
  const third: Head = { ...idle(completed), orderKey: THIRD, predecessor: SECOND, amends: SECOND, quote: { ...active.quote, revision: 3 } };
  it.each<[string, Head[], Head, string[]]>([
    ['the amendment in the middle was reversed', [third, { ...between, state: 'reversed', amends: FIRST }, first()], fourth, [THIRD]],
    [
      'a restore has lost what the one before amends',
      [between, first()],
      { ...second, predecessor: SECOND, quote: { ...active.quote, revision: 3 } },
      [FIRST, SECOND],
    ],
  ])('amends from the lowest up, once each, and goes on: %s', async (_name, beside, start, amended) => {
    const { deps, call, head, facts, erp, port } = erpWorld(start, [], undefined, { beside, afterPivot: 'amend' });
    const inForce = async (ref: string) => {
      if (erp.calls.length > 20) throw new Error('it goes round for ever');
      return port.inForce(ref);
    };
    Object.assign(deps, { erpOf: async () => ({ ...port, inForce }) });
    expect(await standAlone(deps, call(), head())).toMatchObject({ amends: amended.at(-1) });
    expect(facts()).toEqual(amended.map(() => 'order.amendment-opened.v1'));
  });

  it('waits, whatever the policy, while it is only being confirmed, or changes at this moment', async () => {
    const open = { action: 'confirm-order' as const, attempt: 'a', at: NOW, settleAt: NOW, payloadHash: '', target: '7' };
    const confirming = world({ ...idle(drafted), orderKey: FIRST, open }, 'amend');
    await expect(standAlone(confirming.deps, confirming.call(), confirming.head())).rejects.toMatchObject({ code: 'PREDECESSOR_OPEN' });
    const busy = world({ open: { ...open, action: 'record-tax' } });
    busy.erp.inForce = [];
    await expect(standAlone(busy.deps, busy.call(), busy.head())).rejects.toMatchObject({ code: 'NEWS_ARRIVED' });
  });

  it('that has a draft, since a restore has lost what it amends, amends it anew, and makes the draft anew, with its name', async () => {
    const world = erpWorld({ ...second, predecessor: undefined }, [], undefined, { beside: [first()], afterPivot: 'amend' });
    await world.prepared();
    await world.step(priceAndShipping);
    await world.step(createDraft);
    await world.ledger.change(KEY, (head) => ({ next: { ...head, predecessor: FIRST }, answer: null }));
    expect(await standAlone(world.deps, world.call(), world.head())).toMatchObject({ amends: FIRST, state: 'drafted' });
    await world.step(createDraft);
    await world.step(createDraft);
    const name = 'Quote Q-1 revision 1';
    expect(world.erp.drafts.map(({ description }) => description)).toEqual([name, `${name}, amends order S7 (revision 1)`]);
    expect(world.erp.calls.filter((call) => call.startsWith('cancel'))).toEqual(['cancel new0']);
  });

  it('names it on the draft', async () => {
    const amendment = erpWorld({ ...second, amends: FIRST }, [], undefined, { beside: [first()] });
    await amendment.prepared();
    await amendment.step(priceAndShipping);
    await amendment.step(createDraft);
    expect(amendment.erp.drafts[0]?.description).toBe('Quote Q-1 revision 1, amends order S7 (revision 1)');
  });
});

describe('what landed late in the ERP', () => {
  const lost = { generation: 0, inputs: 'inputs' };
  const owed: Head = { ...active, generation: 1, lost, everUnknown: true, probes: [inSeconds(-1)] };

  it('a draft that the order still wants is adopted, a second one is cancelled', async () => {
    const { deps, call, head, erp, facts } = erpWorld(owed, [erpOrder(), erpOrder({ ref: '8' })]);
    expect(await probe(deps, call(), head())).toMatchObject({ state: 'drafted', draft: { ref: '7', inputs: 'inputs' }, probes: [] });
    expect([erp.calls, facts()]).toEqual([
      ['find', 'cancel 8'],
      ['order.drafted.v1', 'order.draft-cancelled.v1'],
    ]);
  });

  it('one that it does not want is cancelled, and people are told', async () => {
    const { deps, call, head, erp, items } = erpWorld(
      { ...idle(cancelled), ...{ run: active.run, dueAt: active.dueAt }, lost, everUnknown: true, probes: [inSeconds(-1)] },
      [erpOrder()],
    );
    await probe(deps, call(), head());
    expect(erp.calls).toEqual(['find', 'cancel 7']);
    const notes = [...items.values()].flatMap(({ event }) => (event as { data?: { note?: string } })?.data?.note ?? []);
    expect(notes).toEqual(['a second draft in the ERP, 7, was cancelled']);
  });

  it.each<[string, Head, Parameters<ReturnType<typeof erpWorld>['step']>[0]]>([
    ['before it is confirmed', { ...drafted, everUnknown: true }, confirmOrder],
    ['when it is undone', { ...drafted, everUnknown: true, stops: cancel }, cancelDraft],
    ['in a look that is owed', { ...completed, everUnknown: true, probes: [inSeconds(-1)] }, checkCustomer],
  ])('a confirmed order that the order does not name is a question to a person, %s', async (_name, start, step) => {
    const { step: run, erp } = erpWorld(start, [erpOrder(), erpOrder({ ref: '8', status: 'confirmed', number: 'S8' })]);
    await expect(run(step)).rejects.toMatchObject({ code: 'ERP_ORDER_UNEXPECTED', detail: `order S8 stands in the ERP under ${KEY}.0` });
    expect(erp.calls.filter((one) => one !== 'find')).toEqual(['in force 8']);
  });

  it.each<[string, Head, Parameters<ReturnType<typeof erpWorld>['step']>[0], string[], object]>([
    ['before ours is confirmed', { ...drafted, everUnknown: true }, confirmOrder, ['confirm 7'], { state: 'confirmed', order: { ref: '7' } }],
    ['when ours is undone', { ...drafted, everUnknown: true, stops: cancel }, cancelDraft, ['cancel 7'], { state: 'accepted' }],
    ['in a look that is owed', { ...completed, everUnknown: true, probes: [inSeconds(-1)] }, checkCustomer, [], { state: 'completed', probes: [] }],
  ])('one that the ERP keeps as confirmed and has nothing in force of is reversed, so it is in nobody’s way, %s', async (...row) => {
    const [, start, step, writes, after] = row;
    const {
      step: run,
      erp,
      head,
    } = erpWorld(start, [erpOrder(start.order && { status: 'confirmed' }), erpOrder({ ref: '8', status: 'confirmed', number: 'S8' })]);
    erp.inForce = [];
    await run(step);
    expect(erp.calls.filter((one) => one !== 'find')).toEqual(['in force 8', ...writes]);
    expect(head()).toMatchObject(after);
  });

  it('on a cancelled order a reversed one closes the look that was owed', async () => {
    const start: Head = { ...cancelled, run: active.run, dueAt: active.dueAt, everUnknown: true, probes: [inSeconds(-1)] };
    const { deps, call, head, erp } = erpWorld(start, [erpOrder({ status: 'confirmed', number: 'S7' })]);
    await expect(probe(deps, call(), head())).rejects.toMatchObject({ code: 'ERP_ORDER_UNEXPECTED' });
    expect(head().probes).toHaveLength(1);
    // Whatever the order waits for meanwhile, or whether it runs: a later revision waits for it until the ERP has nothing in force.
    expect(head().unexpected).toBe('7');
    expect(predecessorVerdict([{ ...head(), wait: undefined }])).toBe('PREDECESSOR_OPEN');
    erp.inForce = [];
    await probe(deps, call(), head());
    expect(head()).toMatchObject({ state: 'cancelled', probes: [] });
    expect([head().unexpected, predecessorVerdict([head()])]).toEqual([undefined, 'clear']);
  });

  it('is not adopted as the draft of a create whose answer was lost', async () => {
    const open = { action: 'create-draft' as const, attempt: 'a', at: NOW, settleAt: NOW, payloadHash: 'inputs' };
    const { deps, head, erp } = erpWorld({ ...active, open }, [erpOrder({ status: 'confirmed' })]);
    erp.inForce = [];
    expect(await settleOpen(deps, head())).toMatchObject({ state: 'accepted', generation: 1 });
  });

  it('a tax document is adopted, by an order that has ended too', async () => {
    const document = { id: 'T', tax: '19.00', status: 'recorded', committed: false } as const;
    const { deps, call, head, asked: keys } = erpWorld({ ...cancelled, everUnknown: true, probes: [inSeconds(-1)] }, [], document);
    expect(await probe(deps, call(), head())).toMatchObject({ state: 'cancelled', tax: { id: 'T', status: 'recorded' } });
    expect(keys).toEqual([`${KEY}.T0`]);
  });

  it('what HEAD cannot take in while an effect is in flight is looked for again, though that effect ends before the look does', async () => {
    const document = { id: 'T', tax: '19.00', status: 'recorded', committed: false } as const;
    const { deps, call, head } = erpWorld({ ...cancelled, everUnknown: true, probes: [inSeconds(-1)] }, [], document);
    const set = (open: Head['open']) =>
      deps.ledger.change(KEY, ({ open: _before, ...rest }) => ({ next: { ...rest, ...(open && { open }) }, answer: null }));
    const find = async (key: string) => {
      await set({ action: 'cancel-draft', attempt: 'a', at: NOW, settleAt: inSeconds(60), payloadHash: '' });
      return deps.tax.find(key);
    };
    const change: typeof deps.ledger.change = async (...args) => {
      const result = await deps.ledger.change(...args);
      if (head().open) await set(undefined);
      return result;
    };
    await probe({ ...deps, tax: { ...deps.tax, find }, ledger: { ...deps.ledger, change } }, call(), head());
    expect(head()).toMatchObject({ probes: [inSeconds(-1)] });
    expect(await probe(deps, call(), head())).toMatchObject({ tax: { id: 'T', status: 'recorded' }, probes: [] });
  });

  it('a look that stands still does not count for what comes due meanwhile', async () => {
    let now = NOW;
    const { deps, call, head } = erpWorld({ ...cancelled, everUnknown: true, probes: [inSeconds(-1), inSeconds(60)] });
    const ledger = createLedger({ client: deps.ledger.client, table: 'ledger', now: () => new Date(now) });
    const find = async (key: string) => {
      now = inSeconds(120);
      return deps.tax.find(key);
    };
    await probe({ ...deps, ledger, tax: { ...deps.tax, find } }, call(), head());
    expect(head().probes).toEqual([inSeconds(60)]);
  });
});

describe('an effect that was unknown once', () => {
  const DAY = 86_400;
  const HOUR = 3600;

  it('is looked for again after an hour and after a day, also when the order is long at rest', async () => {
    const owed: Head = { ...completed, everUnknown: true, probes: [inSeconds(HOUR), inSeconds(DAY)] };
    let now = NOW;
    const { deps, call, head, erp } = erpWorld(owed, [erpOrder({ status: 'confirmed' })]);
    const later = { ...deps, ledger: createLedger({ client: deps.ledger.client, table: 'ledger', now: () => new Date(now) }) };
    const looks = [];
    for (const seconds of [HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY]) {
      now = inSeconds(seconds);
      if (seconds === DAY) await erp.lands('8');
      await probe(later, call(), head());
      looks.push([erp.calls.splice(0), head().probes.length]);
    }
    expect(looks).toEqual([
      [[], 2],
      [['find'], 1],
      [[], 1],
      [[], 1],
      [['find', 'cancel 8'], 0],
    ]);
  });
});

describe('an approval of the CPQ', () => {
  it('is measured from the CPQ’s stamp to the ledger’s, without an id, and once', async () => {
    const { ledger } = ledgerWith([]);
    const deps = { ledger, policy: {}, send: async () => {} } as unknown as RunDeps;
    const at = inSeconds(-90);
    const body = {
      'detail-type': 'quote.approved.v1',
      detail: {
        specversion: '1.0',
        id: 'a',
        source: 's',
        type: 'quote.approved.v1',
        time: at,
        tenant: 'acme',
        data: { quote: { cpq: 'c', id: 'q', revision: 1 }, at },
      },
    };
    await measured(async () => {})(); // what other tests have counted
    const lines: string[] = [];
    const written = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    await measured(() => dispatch(deps, body))();
    await measured(() => dispatch(deps, body))();
    written.mockRestore();
    const [line, ...others] = lines.filter((text) => text.includes('ApprovalLag')).map((text) => JSON.parse(text));
    expect([line.ApprovalLag, line._aws.CloudWatchMetrics[0].Dimensions, others]).toEqual([90, [['service']], []]);
    expect(Object.keys(line).sort()).toEqual(['ApprovalLag', '_aws', 'service']);
  });
});

describe('quote.withdrawn.v1', () => {
  const event = (revision: number, type = 'quote.withdrawn.v1', at = NOW) => ({
    'detail-type': type,
    detail: {
      specversion: '1.0',
      id: 'w-1',
      source: 'quoting.example',
      type,
      time: at,
      tenant: 'acme',
      data: { quote: { cpq: 'salesforce', id: 'q', revision }, at },
    },
  });
  const world = (...heads: Head[]) => {
    const memory = ledgerWith(heads);
    const highest = heads[0] && { revision: heads[0].quote.revision, orderKey: heads[0].orderKey };
    memory.put({
      pk: 'Q#acme#salesforce#q',
      sk: 'HEAD',
      tenant: 'acme',
      cpq: 'salesforce',
      id: 'q',
      version: 1,
      withdrawnUpTo: 0,
      milestones: {},
      highest,
    });
    const sent: string[] = [];
    const deps = { ledger: memory.ledger, policy: {}, send: async ({ orderKey }: { orderKey: string }) => sent.push(orderKey) } as unknown as RunDeps;
    return { ...memory, deps, sent, quote: () => memory.ledger.readQuote('acme', 'salesforce', 'q') };
  };

  it('asks the open orders of the quote to stop, once', async () => {
    const { deps, sent, head, facts, quote } = world(idle(second), first());
    await dispatch(deps, event(2));
    expect([sent, (await quote()).withdrawnUpTo]).toEqual([[KEY, FIRST], 2]);
    expect(head(KEY)).toMatchObject({ stops: { withdrawn: { by: 'CPQ salesforce' } }, dueAt: NOW });
    await dispatch(deps, event(2));
    expect([sent.length, facts(KEY), facts(FIRST)]).toEqual([2, ['order.stop-requested.v1'], ['order.stop-requested.v1']]);
  });

  it('counts before there is an order, and leaves newer revisions alone', async () => {
    const none = world();
    await dispatch(none.deps, event(3));
    expect([none.sent, (await none.quote()).withdrawnUpTo]).toEqual([[], 3]);
    const newer = world(idle(second), first());
    await dispatch(newer.deps, event(1));
    expect([newer.sent, newer.head(KEY).stops]).toEqual([[FIRST], {}]);
  });

  it('of 70 open orders takes several transactions, and marks all', async () => {
    const keyOf = (n: number) => String(n).padStart(20, '0');
    const chain = Array.from({ length: 70 }, (_, n) => ({
      ...idle(active),
      orderKey: keyOf(n),
      quote: { ...active.quote, revision: 70 - n },
      predecessor: n < 69 ? keyOf(n + 1) : undefined,
    }));
    const { deps, sent, log, head, quote } = world(...chain);
    await dispatch(deps, event(70));
    expect([sent.length, new Set(sent).size, log.writes, (await quote()).withdrawnUpTo]).toEqual([70, 70, 3, 70]);
    expect(chain.every(({ orderKey }) => head(orderKey).stops.withdrawn)).toBe(true);
  });

  it('a quote that expired is mirrored, and stops nothing', async () => {
    const { deps, sent, quote } = world(idle(second), first());
    await dispatch(deps, event(2, 'quote.expired.v1'));
    expect([sent, (await quote()).milestones]).toEqual([[], { expired: { at: NOW, revision: 2 } }]);
  });
});
