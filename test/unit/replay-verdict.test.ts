import { expect, test } from 'vitest';
import { queuesOf } from '../../contracts/queues.ts';
import { type Found, readMessage } from '../../lambdas/domain/replay-verdict.ts';
import { NOW } from './domain-fixtures.ts';
import { policy } from './replay-fixtures.ts';

/** What sending it again would do, by the short name of its queue. */
function verdictOf(queue: string, body: unknown, found: Found = {}) {
  const definition = queuesOf(policy).find(({ name }) => name === queue);
  if (!definition) throw new Error(`no queue ${queue}`);
  const { verdict, code, why } = readMessage(definition, JSON.stringify(body), policy).judge(found, NOW);
  return [verdict, code, why];
}

const record = { tenant: 'acme', cpq: 'salesforce', recordId: '0Q0', change: 'UPDATE', original: { source: 's', 'detail-type': 't', detail: {} } };

test.each([
  ['is known', record, 'would run', undefined],
  ['is of no CPQ of its tenant', { ...record, cpq: 'other' }, 'would be refused', 'TENANT_UNKNOWN'],
  ['is of no tenant', { ...record, tenant: 'nobody' }, 'would be refused', 'TENANT_UNKNOWN'],
  ['is none', { tenant: 'acme' }, 'would be refused', 'MESSAGE_MALFORMED'],
])('a record of a CPQ that %s', (_name, body, verdict, code) => {
  expect(verdictOf('cpq', body).slice(0, 2)).toEqual([verdict, code]);
});

test('a tick only wakes the sweeper, whatever it says', () => {
  expect(verdictOf('sweep', {})).toEqual(['would run', undefined, 'it only wakes the sweeper']);
});

const replay = '20260101T120000-AAAA';
test.each([
  ['is at work', { replay }, { replay: { status: 'running' } }, 'would run', undefined],
  ['is queued', { replay }, { replay: { status: 'queued' } }, 'would run', undefined],
  ['is done', { replay }, { replay: { status: 'done' } }, 'already done', undefined],
  ['failed', { replay }, { replay: { status: 'failed' } }, 'already done', undefined],
  ['is not there', { replay }, {}, 'would be refused', undefined],
  ['is none', { replay: 'x' }, {}, 'would be refused', 'MESSAGE_MALFORMED'],
] as const)('the message of a replay that %s', (_name, body, found, verdict, code) => {
  expect(verdictOf('replay', body, found).slice(0, 2)).toEqual([verdict, code]);
});

const milestone = {
  ...{ specversion: '1.0', id: 'e1', source: 'cpq', type: 'quote.approved.v1', subject: 'Q-1', time: NOW, correlationid: 'c' },
  ...{ tenant: 'acme', region: 'EU', businessunit: 'main', datacontenttype: 'application/json' },
  data: { quote: { cpq: 'salesforce', id: 'q', number: 'Q-1', revision: 1 }, at: NOW },
};
const fromBus = (detail: object) => ({ id: 'b1', source: 'cpq', 'detail-type': 'quote.approved.v1', time: NOW, detail });

test.each(['intake', 'run'])('a milestone of a quote in the queue %s runs again and changes nothing', (queue) => {
  expect(verdictOf(queue, fromBus(milestone))).toEqual(['would run', undefined, expect.stringMatching(/^a milestone/)]);
});

test('a milestone that breaks the contract goes into quarantine, or is refused where that was before', () => {
  const broken = fromBus({ ...milestone, data: {} });
  expect(verdictOf('intake', broken).slice(0, 2)).toEqual(['would run', 'QUOTE_INVALID']);
  expect(verdictOf('run', broken).slice(0, 2)).toEqual(['would be refused', 'MESSAGE_MALFORMED']);
});

test.each([
  ['quote.approved.v9', 'EVENT_VERSION_UNKNOWN'],
  ['quote.evil.v1', 'EVENT_TYPE_UNKNOWN'],
])('an event of the type %s is refused with the code that its consumer gives', (type, code) => {
  const event = { ...fromBus({ ...milestone, type }), 'detail-type': type };
  expect(verdictOf('intake', event).slice(0, 2)).toEqual(['would run', code]);
  expect(verdictOf('run', event).slice(0, 2)).toEqual(['would be refused', code]);
});

test.each([
  ['order.completed.v9', 'EVENT_VERSION_UNKNOWN'],
  ['quote.approved.v1', 'EVENT_TYPE_UNKNOWN'],
])('a delivery of the type %s is refused with the code that its consumer gives', (type, code) => {
  const event = fromBus({ ...milestone, type, data: { orderKey: '0123456789ABCDEFGHJK', sequence: 1 } });
  expect(verdictOf('deliver-billing', event).slice(0, 2)).toEqual(['would be refused', code]);
});

const event = (cpq: string) => ({
  ...fromBus({ ...milestone, type: 'order.completed.v1', data: { orderKey: '0123456789ABCDEFGHJK', sequence: 3, quote: { cpq } } }),
  'detail-type': 'order.completed.v1',
});
test.each([
  ['that the CPQ has', 'salesforce', 3, 'already done'],
  ['that the CPQ does not have', 'salesforce', 2, 'would run'],
  ['of a quote without a record', 'canonical', undefined, 'already done'],
] as const)('a write-back %s', (_name, cpq, acknowledged, verdict) => {
  expect(verdictOf('deliver-cpq', event(cpq), { acknowledged })[0]).toBe(verdict);
});
