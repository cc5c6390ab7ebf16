import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { VendorError } from '../../../gateway/vendor-error.ts';
import type { CpqPort, OrderStatus } from '../port.ts';
import type { SalesforceClient } from './client.ts';
import { atOf, number, quoteRow } from './map.ts';

/*
 * Custom fields of SBQQ__Quote__c that show the order; an administrator makes them (docs/write-back.md), and nobody else writes them.
 * What has changed in them alone is no news of the quote (notice.ts).
 */
const shown = z.object({
  LastModifiedDate: quoteRow.shape.LastModifiedDate,
  QB_Revision__c: number.nullable(),
  QB_Sequence__c: number.nullable(),
});

/** Length of the text fields. */
const REASON_LENGTH = 255;

/** Null empties a field. */
const fieldsOf = ({ revision, sequence, orderKey, state, number: erpNumber, waiting, at }: OrderStatus) => ({
  QB_Order_Key__c: orderKey,
  QB_Revision__c: revision,
  QB_Sequence__c: sequence,
  QB_State__c: state,
  QB_ERP_Order__c: erpNumber ?? null,
  QB_Waiting_Code__c: waiting?.code ?? null,
  QB_Waiting_Reason__c: waiting?.reason.slice(0, REASON_LENGTH) ?? null,
  QB_Waiting_Due__c: waiting?.due ?? null,
  QB_As_Of__c: at,
});

/** The record shows this, or something newer; not what the ledger cannot have said: that was written by others. */
function knows({ QB_Revision__c, QB_Sequence__c }: z.infer<typeof shown>, { newest, ...status }: OrderStatus): boolean {
  const [revision, sequence] = [Number(QB_Revision__c ?? 0), Number(QB_Sequence__c ?? 0)];
  if (revision === status.revision) return sequence >= status.sequence && sequence <= newest.sequence;
  return revision > status.revision && revision <= newest.revision;
}

/**
 * Salesforce compares whole seconds, by its own clock. So only a record that was not changed in the second in which it is read can be
 * written under the condition that nobody changes it; one second more for servers that do not agree on the time.
 */
const QUIET_MS = 2000;
/** How often the record is read before others who change it at the same time are left to it. */
const READS = 6;

/**
 * The record itself is the compare-and-set: it is written only if it shows something older, and only if nobody has changed it since it
 * was read. So neither an invocation that overlaps nor a request that lands late can take a newer status back. A lease of our own
 * would not stop the late one.
 * @throws VendorError CPQ_UNAVAILABLE when others keep changing the record, and as the client
 */
export async function writeStatus(
  client: Pick<SalesforceClient, 'read' | 'update'>,
  recordId: string,
  statusNow: () => Promise<OrderStatus>,
  pause: (ms: number) => Promise<unknown> = wait,
): ReturnType<NonNullable<CpqPort['writeStatus']>> {
  for (let read = 0; read < READS; read++) {
    const { row, now } = await client.read('SBQQ__Quote__c', recordId, shown);
    const status = await statusNow();
    if (knows(row, status)) return { answer: 'known', status };
    const changed = new Date(atOf(row));
    const fresh = QUIET_MS - (now - changed.getTime());
    if (fresh > 0) await pause(Math.min(fresh, QUIET_MS));
    else if (await client.update('SBQQ__Quote__c', recordId, fieldsOf(status), changed)) return { answer: 'written', status };
  }
  throw new VendorError('CPQ_UNAVAILABLE', 'not-sent', 'the record was changed by others again and again while it was to be written');
}
