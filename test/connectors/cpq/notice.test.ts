import { describe, expect, it } from 'vitest';
import { readNotices } from '../../../lambdas/connectors/cpq/salesforce/index.ts';
import { type Change, changeEvent } from '../../../local/vendors/salesforce/events.ts';

const org = '00DQb0000000001MAA';
const read = (change: Omit<Change, 'org'>) => readNotices(JSON.parse(changeEvent({ org, ...change }).Detail));

describe('change events of Salesforce', () => {
  it('come from the organisation and its relay under the name of the change event', () => {
    expect(changeEvent({ org, relay: '0YLQb0000000002IAA', recordIds: ['a'], change: 'UPDATE' })).toMatchObject({
      Source: `salesforce.com/${org}/0YLQb0000000002IAA`,
      DetailType: 'SBQQ__Quote__ChangeEvent',
    });
    expect(changeEvent({ org, entity: 'Account', recordIds: ['a'], change: 'UPDATE' }).DetailType).toBe('AccountChangeEvent');
  });

  it.each(['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_OVERFLOW'] as const)(
    '%s names its record',
    (change) => {
      expect(read({ recordIds: ['a0qQb0000010248IAA'], change })).toEqual([{ recordId: 'a0qQb0000010248IAA', change }]);
    },
  );

  it('that were merged name every record once', () => {
    expect(read({ recordIds: ['a', 'b', 'a', 'c'], change: 'UPDATE' })?.map((notice) => notice.recordId)).toEqual(['a', 'b', 'c']);
  });

  it('of other objects name nothing', () => {
    expect(read({ entity: 'SBQQ__QuoteLine__c', recordIds: ['a'], change: 'UPDATE' })).toEqual([]);
    expect(read({ entity: 'Account', recordIds: ['a'], change: 'GAP_UPDATE' })).toEqual([]);
  });

  it.each([
    ['fields of ours', ['QB_State__c', 'QB_Sequence__c'], 0],
    ['fields of ours, and the one who changed them', ['QB_State__c', 'LastModifiedById'], 0],
    ['fields of ours and one of the quote, as an automation does that answers us', ['QB_State__c', 'SBQQ__Status__c'], 1],
    ['fields of the quote', ['SBQQ__Status__c'], 1],
    ['nothing but its stamps', [], 1],
  ])('of %s name %s', (_name, changed, records) => {
    const fields = Object.fromEntries(changed.map((name) => [name, 'x']));
    expect(read({ recordIds: ['a'], change: 'UPDATE', fields })).toHaveLength(records);
  });

  it('of a new record with fields of ours name it: it is a copy of another', () => {
    expect(read({ recordIds: ['a'], change: 'CREATE', fields: { QB_State__c: 'completed' } })).toHaveLength(1);
  });

  it('carry field values only when they are no gap events', () => {
    const fields = { SBQQ__Status__c: 'Accepted' };
    expect(JSON.parse(changeEvent({ org, recordIds: ['a'], change: 'UPDATE', fields }).Detail).payload).toMatchObject(fields);
    expect(JSON.parse(changeEvent({ org, recordIds: ['a'], change: 'GAP_UPDATE', fields }).Detail).payload).not.toHaveProperty('SBQQ__Status__c');
  });

  it.each([
    ['nothing', undefined],
    ['a canonical event', { specversion: '1.0', type: 'quote.accepted.v1', data: {} }],
    ['a platform event', { payload: { Message__c: 'x' }, schemaId: 's' }],
    ['a header without records', { payload: { ChangeEventHeader: { entityName: 'SBQQ__Quote__c', recordIds: [], changeType: 'UPDATE' } } }],
    ['a header without a change', { payload: { ChangeEventHeader: { entityName: 'SBQQ__Quote__c', recordIds: ['a'] } } }],
  ])('are not what %s is', (_, detail) => {
    expect(readNotices(detail)).toBeUndefined();
  });
});
