import * as z from 'zod';
import type { CpqNotice } from '../port.ts';

/** The object whose records are quotes. */
const QUOTE = 'SBQQ__Quote__c';

/**
 * A change event in `detail`, as the Event Relay puts it on a bus: the fields of ChangeEventHeader that are needed.
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
 */
const changeEvent = z.object({
  payload: z.object({
    ChangeEventHeader: z.object({
      entityName: z.string().min(1),
      recordIds: z.array(z.string().min(1)).min(1),
      changeType: z.string().min(1),
      changedFields: z.array(z.string()).optional(),
    }),
  }),
});

/** Fields that every write of ours changes: those of status.ts, and the stamps of the record. */
const OURS = /^(QB_\w+__c|LastModifiedDate|LastModifiedById|SystemModstamp)$/;

/**
 * What we have written ourselves is no news, and a fetch of it would only find the quote that is known. By the fields and not by who
 * wrote: an automation of the organisation that answers our write by changing more is in the same event, under our name.
 */
const isOwn = (changeType: string, changed: readonly string[]): boolean =>
  changeType === 'UPDATE' && changed.some((field) => field.startsWith('QB_')) && changed.every((field) => OURS.test(field));

/**
 * The records of which a vendor event says that they changed, each once; `[]` for changes of other objects and our own, undefined when `detail`
 * is no change event of Salesforce. Every kind of change is a mere trigger, so gap events (`GAP_UPDATE` and the like, without field
 * values) are as good as others. A wildcard (`a0q*`) and the id of zeros in `GAP_OVERFLOW` are passed on: they name no record, the
 * fetch says CPQ_RECORD_MISSING, and a person sees it instead of nobody.
 */
export function readNotices(detail: unknown): CpqNotice[] | undefined {
  const parsed = changeEvent.safeParse(detail);
  if (!parsed.success) return undefined;
  const { entityName, recordIds, changeType, changedFields = [] } = parsed.data.payload.ChangeEventHeader;
  if (entityName !== QUOTE || isOwn(changeType, changedFields)) return [];
  return [...new Set(recordIds)].map((recordId) => ({ recordId, change: changeType }));
}
