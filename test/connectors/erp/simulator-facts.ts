import { expect, it } from 'vitest';
import { draftOf, newKey, TO_GERMANY } from './drafts.ts';
import type { Subject } from './subject.ts';

/** What holds of an ERP that keeps its external ids unique, beside what holds of every ERP. */
export function simulatorFacts(subject: () => Subject): void {
  it('a second document with the same key is refused by the ERP itself, which names the first', async () => {
    const { connect, faults, methods } = subject();
    const erp = connect();
    const key = newKey();
    const wanted = await draftOf(erp, erp.vendorKey(key, 0), TO_GERMANY);
    const first = await erp.createDraft(wanted);
    const before = (await faults.report()).requests[methods.create] ?? 0;
    expect(await erp.createDraft(wanted)).toEqual(first);
    // the connector has not looked first: the create was sent, and refused
    expect((await faults.report()).requests[methods.create]).toBe(before + 1);
    expect(await erp.findOrders(key)).toEqual([first]);
  });
}
