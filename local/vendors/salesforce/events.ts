import { randomUUID } from 'node:crypto';

/** The kinds of change that Change Data Capture announces. */
type ChangeType = 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE' | 'GAP_CREATE' | 'GAP_UPDATE' | 'GAP_DELETE' | 'GAP_UNDELETE' | 'GAP_OVERFLOW';

export interface Change {
  /** Organisation id and id of the relay's channel. */
  readonly org: string;
  readonly relay?: string;
  readonly recordIds: readonly string[];
  readonly change: ChangeType;
  readonly entity?: string;
  /** Fields with their new values; a gap event never has any. */
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
  readonly transactionKey?: string;
  readonly sequenceNumber?: number;
  readonly commitTimestamp?: number;
}

/** An entry of PutEvents, without the name of the bus. */
export interface EventEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

/** `SBQQ__Quote__c` -> `SBQQ__Quote__ChangeEvent`, `Account` -> `AccountChangeEvent`. */
const changeEventOf = (entity: string): string => (entity.endsWith('__c') ? `${entity.slice(0, -1)}ChangeEvent` : `${entity}ChangeEvent`);

/**
 * A change event as Salesforce's Event Relay puts it on an event bus. The relay itself writes
 * `aws.partner/salesforce.com/<org>/<channel>` as source, which PutEvents refuses from anybody else; here the prefix is missing.
 */
export function changeEvent(change: Change): EventEntry {
  const { org, relay = '0YLQb0000000001IAA', entity = 'SBQQ__Quote__c', recordIds, change: changeType, fields = {} } = change;
  const gap = changeType.startsWith('GAP_');
  const header = {
    entityName: entity,
    recordIds,
    changeType,
    changeOrigin: gap ? '' : 'com/salesforce/api/rest/62.0',
    transactionKey: change.transactionKey ?? randomUUID(),
    sequenceNumber: change.sequenceNumber ?? 1,
    commitTimestamp: change.commitTimestamp ?? Date.now(),
    commitNumber: change.commitTimestamp ?? Date.now(),
    commitUser: '005Qb000000000AAAQ',
    nulledFields: [],
    diffFields: [],
    changedFields: changeType === 'UPDATE' ? [...Object.keys(fields), 'LastModifiedDate'] : [],
  };
  return {
    Source: `salesforce.com/${org}/${relay}`,
    DetailType: changeEventOf(entity),
    Detail: JSON.stringify({ schemaId: 'simulated', id: randomUUID(), payload: { ChangeEventHeader: header, ...(gap ? {} : fields) } }),
  };
}
