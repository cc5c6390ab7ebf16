import type { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../contracts/policy.ts';
import type { CpqPort, OrderStatus } from '../../lambdas/connectors/cpq/port.ts';
import type { Head, QuoteItem } from '../../lambdas/domain/head.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import { writeBack } from '../../lambdas/functions/delivery/write-back/write-back.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { accepted, drafted, inSeconds, KEY, NOW, order } from './domain-fixtures.ts';

const OTHER = 'ABCDEFGHJK0123456789';
const eventOf = (head: Head, type = 'order.accepted.v1') => ({
  detail: { specversion: '1.0', id: `${head.orderKey}:${head.seq}`, source: 'quotebridge', type, time: NOW, tenant: 'acme', data: snapshotOf(head) },
});
const waiting: Head = {
  ...{ ...accepted, seq: 2, dueAt: inSeconds(60) },
  wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', detail: 'NWD-027', since: NOW, times: 1 },
};
const completed: Head = { ...drafted, state: 'completed', seq: 5, order, dueAt: undefined };

/** A ledger with these orders, of which the first is of the highest revision, and a CPQ that takes down what it is told. */
function world(heads: Head[], connection: object = { vendor: 'salesforce' }) {
  const told: [record: string, status: OrderStatus][] = [];
  const noted: unknown[] = [];
  const hooks: { before?: () => void; answer?: 'known' } = {};
  const client = {
    send: async ({ input }: UpdateCommand) => {
      const sequence = input.ExpressionAttributeValues?.[':sequence'];
      noted.push([input.Key?.pk, input.Key?.sk, sequence]);
      return { Attributes: { sequence } };
    },
  };
  const ledger = {
    ...{ client, table: 'ledger', stamp: () => NOW },
    read: async (key: string) => heads.find(({ orderKey }) => orderKey === key),
    readQuote: async (): Promise<Partial<QuoteItem>> => ({ highest: heads[0] && { revision: heads[0].quote.revision, orderKey: heads[0].orderKey } }),
  } as unknown as Ledger;
  const cpq: CpqPort = {
    vendor: 'test',
    fetchQuote: () => Promise.reject(new Error('nobody fetches here')),
    writeStatus: async (record, read) => {
      const status = await read();
      hooks.before?.();
      told.push([record, status]);
      return { answer: hooks.answer ?? 'written', status };
    },
  };
  const tenants = { acme: { cpqs: { salesforce: connection } } } as unknown as Policy['tenants'];
  return { deps: { ledger, tenants, cpqOf: async () => cpq }, heads, told, noted, hooks, cpq };
}

describe('an event of an order', () => {
  it('has the record show what the ledger says, with the reason in plain words, and is noted', async () => {
    const { deps, told, noted } = world([waiting]);
    await writeBack(deps, eventOf(waiting, 'order.parked.v1'));
    const reason = expect.stringMatching(/^[A-Z].*: NWD-027 \(waits for master-data\)$/);
    expect(told).toEqual([
      [
        'q',
        {
          ...{ revision: 1, sequence: 2, orderKey: KEY, state: 'accepted', number: undefined, at: NOW },
          waiting: { code: 'PRODUCT_UNMAPPED', reason, due: inSeconds(60) },
          newest: { revision: 1, sequence: 2 },
        },
      ],
    ]);
    expect(noted).toEqual([[`O#${KEY}`, 'S#cpq', 2]]);
  });

  it('that waits for nobody has the record say so', async () => {
    const wait = { kind: 'vendor', code: 'ERP_UNAVAILABLE', since: NOW, times: 1 } as const;
    const { deps, told } = world([{ ...waiting, wait }]);
    await writeBack(deps, eventOf(waiting, 'order.parked.v1'));
    expect(told[0]?.[1].waiting?.reason).toBe('The ERP does not answer (goes on by itself)');
  });

  it('that is old has the record show what the ledger says now', async () => {
    const { deps, told, noted } = world([completed]);
    await writeBack(deps, eventOf(accepted));
    expect(told).toMatchObject([['q', { sequence: 5, state: 'completed', number: 'S7', waiting: undefined }]]);
    expect(noted).toEqual([[`O#${KEY}`, 'S#cpq', 5]]);
  });

  it('during whose writing the order went on has the newer one written, too', async () => {
    const { deps, heads, told, noted, hooks } = world([waiting]);
    hooks.before = () => heads.splice(0, 1, completed);
    await writeBack(deps, eventOf(waiting));
    expect(told.map(([, { sequence }]) => sequence)).toEqual([2, 5]);
    expect(noted).toEqual([[`O#${KEY}`, 'S#cpq', 5]]);
  });

  it('during whose writing a higher revision was accepted has that one shown, though its sequence is the same', async () => {
    const { deps, heads, told, noted, hooks } = world([waiting]);
    const higher: Head = { ...waiting, orderKey: OTHER, quote: { ...waiting.quote, revision: 2 } };
    hooks.before = () => heads.unshift(higher);
    await writeBack(deps, eventOf(waiting));
    expect(told.map(([, { orderKey, sequence }]) => [orderKey, sequence])).toEqual([
      [KEY, 2],
      [OTHER, 2],
    ]);
    expect(noted).toEqual([
      [`O#${OTHER}`, 'S#cpq', 2],
      [`O#${KEY}`, 'S#cpq', 2],
    ]);
  });

  it('has the ledger read after the record, so that nothing newer in it is taken for foreign', async () => {
    const { deps, heads, told, cpq } = world([waiting]);
    const late: CpqPort = {
      ...cpq,
      writeStatus: (record, read) => {
        heads.splice(0, 1, completed);
        return cpq.writeStatus?.(record, read) ?? Promise.reject();
      },
    };
    await writeBack({ ...deps, cpqOf: async () => late }, eventOf(waiting));
    expect(told.map(([, { newest }]) => newest.sequence)).toEqual([5]);
  });

  it.each([
    ['the ledger has said nothing since, so the record may show what it has forgotten', 3, 1_000_000],
    ['the ledger has said something since, and that is the newest', 1_000_001, 1_000_001],
  ])('after a restore: %s', async (_name, seq, sequence) => {
    const { deps, told } = world([{ ...waiting, seq, epoch: 1 }]);
    await writeBack(deps, eventOf(waiting));
    expect(told).toMatchObject([['q', { sequence: seq, newest: { revision: Number.POSITIVE_INFINITY, sequence } }]]);
  });

  it('of a revision that was withdrawn before it was accepted may find any other of them in the record: none is the highest', async () => {
    const { deps, told } = world([accepted]);
    const ledger = { ...deps.ledger, readQuote: async () => ({ withdrawnUpTo: 2 }) } as unknown as Ledger;
    await writeBack({ ...deps, ledger }, eventOf(accepted));
    expect(told).toMatchObject([['q', { revision: 1, orderKey: KEY, newest: { revision: Number.POSITIVE_INFINITY, sequence: 1 } }]]);
  });

  it('of a lower revision leaves the record to the highest, and is done', async () => {
    const lower: Head = { ...accepted, orderKey: OTHER, state: 'cancelled', seq: 9 };
    const { deps, told, noted } = world([{ ...accepted, quote: { ...accepted.quote, revision: 2 } }, lower]);
    await writeBack(deps, eventOf(lower, 'order.cancelled.v1'));
    expect(told).toMatchObject([['q', { revision: 2, sequence: 1, orderKey: KEY }]]);
    expect(noted).toEqual([
      [`O#${KEY}`, 'S#cpq', 1],
      [`O#${OTHER}`, 'S#cpq', 9],
    ]);
  });

  it('that the record knows is noted all the same', async () => {
    const { deps, noted, hooks } = world([waiting]);
    hooks.answer = 'known';
    await writeBack(deps, eventOf(waiting));
    expect(noted).toEqual([[`O#${KEY}`, 'S#cpq', 2]]);
  });

  it('that the CPQ does not take is not noted, and comes again', async () => {
    const { deps, noted, cpq } = world([waiting]);
    const failing = { ...cpq, writeStatus: () => Promise.reject(new VendorError('CPQ_RECORD_MISSING', 'refused', 'NOT_FOUND')) };
    await expect(writeBack({ ...deps, cpqOf: async () => failing }, eventOf(waiting))).rejects.toMatchObject({ code: 'CPQ_RECORD_MISSING' });
    expect(noted).toEqual([]);
  });

  it.each([
    ['a canonical producer', { vendor: 'canonical' }],
    ['a connection that writes nothing', { vendor: 'salesforce', writeBack: false }],
  ])('of %s is told to nobody', async (_name, connection) => {
    const { deps, noted } = world([accepted], connection);
    await writeBack({ ...deps, cpqOf: () => Promise.reject(new Error('nobody is asked')) }, eventOf(accepted));
    expect(noted).toEqual([]);
  });

  it('of a CPQ whose connector shows nothing is told to nobody', async () => {
    const { deps, noted, cpq } = world([accepted]);
    const { writeStatus: _none, ...readOnly } = cpq;
    await writeBack({ ...deps, cpqOf: async () => readOnly }, eventOf(accepted));
    expect(noted).toEqual([]);
  });

  it.each([
    ['an order that the ledger does not have', [], eventOf(accepted), 'ORDER_UNKNOWN'],
    ['an unknown type', [accepted], eventOf(accepted, 'order.unheard-of.v1'), 'EVENT_TYPE_UNKNOWN'],
    ['no quote', [accepted], { detail: { ...eventOf(accepted).detail, data: { orderKey: KEY, sequence: 1 } } }, 'MESSAGE_MALFORMED'],
    ['no envelope', [accepted], snapshotOf(accepted), 'MESSAGE_MALFORMED'],
  ])('of %s is refused for good', async (_name, heads, body, code) => {
    const { deps, told } = world(heads);
    await expect(writeBack(deps, body)).rejects.toMatchObject({ code });
    expect(told).toEqual([]);
  });
});
