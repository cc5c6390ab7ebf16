import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CpqPort, OrderStatus } from '../../../lambdas/connectors/cpq/port.ts';
import { createSalesforce } from '../../../lambdas/connectors/cpq/salesforce/index.ts';
import type { Fault } from '../../../local/vendors/salesforce/control.ts';
import { poll } from '../../support/poll.ts';
import { first, type Organisation, organisation } from './harness.ts';

const id = first.header.id;
const at = '2026-01-31T12:00:00.000Z';
const status = (change: Partial<OrderStatus> = {}): OrderStatus => ({
  ...{ revision: 1, sequence: 3, orderKey: '0123456789ABCDEFGHJK', state: 'drafted', number: undefined, waiting: undefined, at },
  newest: { revision: 2, sequence: 9 },
  ...change,
});
/** Shows this status, whatever the ledger says meanwhile. */
const show = async (cpq: CpqPort, change: Partial<OrderStatus> = {}) => (await cpq.writeStatus?.(id, async () => status(change)))?.answer;
const waiting = { code: 'PRODUCT_UNMAPPED', reason: 'No product of the ERP is known: NWD-027 (waits for master-data)', due: at };

/** What a CPQ that shows orders has to hold to: here on the simulator of Salesforce, which misbehaves as the vendor does. */
describe('the status of an order in the record of its quote', () => {
  let org: Organisation;
  const quiet = () => org.patchQuote(id, { LastModifiedDate: '2026-01-01T00:00:00.000+0000' });
  const write = (change: Partial<OrderStatus> = {}) => show(org.cpq, change);
  beforeEach(async () => {
    org = await organisation();
    await quiet();
  });
  afterEach(() => org.server.stop());

  it('is shown with its reason, then without, and with the number; the quote stays as it is', async () => {
    const before = await org.cpq.fetchQuote(id);
    expect(await write({ waiting })).toBe('written');
    expect(await org.record(id)).toMatchObject({
      ...{ QB_Order_Key__c: '0123456789ABCDEFGHJK', QB_Revision__c: 1, QB_Sequence__c: 3, QB_State__c: 'drafted', QB_ERP_Order__c: null },
      ...{ QB_Waiting_Code__c: waiting.code, QB_Waiting_Reason__c: waiting.reason, QB_Waiting_Due__c: at, QB_As_Of__c: at },
    });
    await quiet();
    expect(await write({ sequence: 4, state: 'completed', number: 'S-17' })).toBe('written');
    expect(await org.record(id)).toMatchObject({
      ...{ QB_Sequence__c: 4, QB_State__c: 'completed', QB_ERP_Order__c: 'S-17' },
      ...{ QB_Waiting_Code__c: null, QB_Waiting_Reason__c: null, QB_Waiting_Due__c: null },
    });
    const after = await org.cpq.fetchQuote(id);
    expect({ ...after, at: before.at }).toEqual(before);
  });

  it.each([
    ['the same again', {}, 'known'],
    ['an older sequence', { sequence: 2 }, 'known'],
    ['an older revision with a newer sequence', { revision: 1, sequence: 9 }, 'known', 2],
    ['a newer sequence', { sequence: 4 }, 'written'],
    ['a higher revision with an older sequence', { revision: 2, sequence: 1 }, 'written'],
  ] as const)('%s is %s', async (_name, change, answer, revision: number = 1) => {
    await write({ revision });
    await quiet();
    expect(await write({ ...change, state: 'cancelled' })).toBe(answer);
    expect(await org.record(id)).toMatchObject({ QB_State__c: answer === 'written' ? 'cancelled' : 'drafted' });
  });

  it.each([
    ['a sequence that the ledger never said', { QB_Sequence__c: 10 }, 'written'],
    ['a sequence that the ledger may have said', { QB_Sequence__c: 9 }, 'known'],
    ['a revision that nobody accepted', { QB_Revision__c: 3, QB_Sequence__c: 1 }, 'written'],
    ['a revision that the ledger may have had', { QB_Revision__c: 2, QB_Sequence__c: 70 }, 'known'],
  ])('over %s, set by hand, is %s', async (_name, byHand, answer) => {
    await write();
    await org.patchQuote(id, { ...byHand, QB_State__c: 'by hand' });
    await quiet();
    expect(await write()).toBe(answer);
    const ours = { QB_Revision__c: 1, QB_Sequence__c: 3, QB_State__c: 'drafted' };
    expect(await org.record(id)).toMatchObject(answer === 'written' ? ours : byHand);
  });

  it('is what the ledger says after the record was read: who was written meanwhile is not foreign', async () => {
    const order: string[] = [];
    const noting: typeof fetch = async (url, init) => {
      order.push(init?.method ?? 'GET');
      return fetch(url, init);
    };
    const cpq = createSalesforce(org.secret, { cpq: 'salesforce', transport: { fetch: noting } });
    await show(cpq);
    order.splice(0);
    await cpq.writeStatus?.(id, async () => {
      order.push('ledger');
      return status({ sequence: 5 });
    });
    expect(order.slice(-3)).toEqual(['GET', 'ledger', 'PATCH']);
  });

  it('that is longer than its field is cut', async () => {
    await write({ waiting: { ...waiting, reason: 'x'.repeat(999) } });
    expect(await org.record(id)).toMatchObject({ QB_Waiting_Reason__c: 'x'.repeat(255) });
  });

  it('of invocations that overlap never goes back, and ends with the newest', async () => {
    const taken: number[] = [];
    const noting: typeof fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (init?.method === 'PATCH' && answer.status === 204) taken.push(JSON.parse(String(init.body)).QB_Sequence__c);
      return answer;
    };
    const cpq = createSalesforce(org.secret, { cpq: 'salesforce', transport: { fetch: noting } });
    // Whoever has to leave the record to the others comes again, as its message does.
    const untilDone = (sequence: number) => poll(`${sequence} is done`, () => show(cpq, { sequence }));
    await Promise.all([4, 9, 2, 7, 5, 8, 3, 6].map(untilDone));
    expect(await org.record(id)).toMatchObject({ QB_Sequence__c: 9 });
    expect(taken).toEqual(taken.toSorted((a, b) => a - b));
    expect(taken.at(-1)).toBe(9);
  }, 60_000);

  it('waits for the next second where the record was changed in this one', async () => {
    await org.patchQuote(id, { Carrier__c: 'another' });
    const began = Date.now();
    expect(await write()).toBe('written');
    expect(Date.now() - began).toBeGreaterThan(900);
  });

  it('whose record somebody changes meanwhile is read again, and overwrites nothing newer', async () => {
    let changed = false;
    const meddling: typeof fetch = async (url, init) => {
      if (init?.method === 'PATCH' && !changed) {
        changed = true;
        await org.patchQuote(id, { QB_Revision__c: 1, QB_Sequence__c: 8, QB_State__c: 'completed' });
      }
      return fetch(url, init);
    };
    const cpq = createSalesforce(org.secret, { cpq: 'salesforce', transport: { fetch: meddling } });
    expect(await show(cpq)).toBe('known');
    expect(await org.record(id)).toMatchObject({ QB_Sequence__c: 8, QB_State__c: 'completed' });
  });

  it('whose record is changed again and again is left for later', async () => {
    const meddling: typeof fetch = async (url, init) => {
      if (init?.method === 'PATCH') await org.patchQuote(id, { Carrier__c: 'another' });
      return fetch(url, init);
    };
    // The clock of the organisation, not ours, says how long ago the record was changed: nothing has to be waited for here.
    const cpq = createSalesforce(org.secret, { cpq: 'salesforce', transport: { fetch: meddling }, pause: quiet });
    await expect(show(cpq)).rejects.toMatchObject({ code: 'CPQ_UNAVAILABLE', effect: 'not-sent' });
    expect(await org.record(id)).toMatchObject({ Carrier__c: 'another' });
  });

  describe('when the answer is lost', () => {
    const lost = { name: 'VendorError', code: 'CPQ_UNAVAILABLE', effect: 'unknown' };

    it('and it was written, the next try finds it', async () => {
      await org.faults({ on: 'update', lose: true });
      await expect(write()).rejects.toMatchObject(lost);
      expect(await write()).toBe('known');
    });

    it('and it lands late, it is refused: the record has moved on', async () => {
      const hasty = createSalesforce(org.secret, {
        cpq: 'salesforce',
        transport: { deadline: (ms) => AbortSignal.timeout(ms === 15_000 ? 100 : ms) },
      });
      await org.faults({ on: 'update', lose: true, delayMs: 1500 });
      await expect(show(hasty, { sequence: 3 })).rejects.toMatchObject(lost);
      expect(await write({ sequence: 5, state: 'completed' })).toBe('written');
      await pause(2000);
      expect(await org.record(id)).toMatchObject({ QB_Sequence__c: 5, QB_State__c: 'completed' });
    });

    it('and it lands late while nothing newer was written, it is what the record shows', async () => {
      const hasty = createSalesforce(org.secret, {
        cpq: 'salesforce',
        transport: { deadline: (ms) => AbortSignal.timeout(ms === 15_000 ? 100 : ms) },
      });
      await org.faults({ on: 'update', lose: true, delayMs: 500 });
      await expect(show(hasty, { sequence: 3 })).rejects.toMatchObject(lost);
      await poll('it has landed', async () => ((await org.record(id)) as { QB_Sequence__c?: number }).QB_Sequence__c === 3);
    });
  });

  it.each<[string, Fault, string]>([
    ['a record that somebody holds', { on: 'update', status: 400, errorCode: 'UNABLE_TO_LOCK_ROW' }, 'CPQ_UNAVAILABLE'],
    ['maintenance', { on: 'update', status: 503 }, 'CPQ_UNAVAILABLE'],
    ['a used-up allowance', { on: 'sobject', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED' }, 'CPQ_UNAVAILABLE'],
    ['a lost connection', { on: 'sobject', drop: true }, 'CPQ_UNAVAILABLE'],
    ['an error within', { on: 'update', status: 500, errorCode: 'UNKNOWN_EXCEPTION' }, 'CPQ_UNAVAILABLE'],
    ['a field that is not there', { on: 'sobject', status: 400, errorCode: 'INVALID_FIELD' }, 'CPQ_REFUSED'],
    ['a field that may not be written', { on: 'update', status: 400, errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' }, 'CPQ_REFUSED'],
    ['a rule of the organisation', { on: 'update', status: 400, errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' }, 'CPQ_REFUSED'],
    ['an answer without a field', { on: 'sobject', status: 200, body: '{}' }, 'CPQ_REFUSED'],
    ['a record that was deleted just now', { on: 'update', status: 404, errorCode: 'ENTITY_IS_DELETED' }, 'CPQ_RECORD_MISSING'],
  ])('%s is named, and the next try writes', async (_name, fault, code) => {
    await org.faults(fault);
    await expect(write()).rejects.toMatchObject({ name: 'VendorError', code });
    expect(await write()).toBe('written');
  });

  it.each(['a0qQb0000099999IAA', "a0q'", ''])('a record "%s" that does not exist is CPQ_RECORD_MISSING', async (missing) => {
    await expect(org.cpq.writeStatus?.(missing, async () => status())).rejects.toMatchObject({ code: 'CPQ_RECORD_MISSING' });
  });

  it('a record that was deleted is CPQ_RECORD_MISSING', async () => {
    await org.remove('SBQQ__Quote__c', id);
    await expect(write()).rejects.toMatchObject({ code: 'CPQ_RECORD_MISSING' });
  });

  it('a session that ended is replaced by one new login', async () => {
    await write();
    await quiet();
    await org.revokeTokens();
    expect(await write({ sequence: 4 })).toBe('written');
    expect((await org.counters()).token).toBe(2);
  });
});
