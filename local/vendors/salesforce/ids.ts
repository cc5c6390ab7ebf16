/** Key prefixes: fixed by Salesforce for standard objects; for custom objects each organisation has its own, these are ours. */
export const PREFIX = { Account: '001', SBQQ__Quote__c: 'a0q', SBQQ__QuoteLine__c: 'a0z' } as const;

const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * A record id of 18 characters as Salesforce makes it: 3 of key prefix, 12 of instance and number, and 3 that say which of the
 * first 15 are capital letters, so that systems that ignore case do not mix up two records.
 */
export function recordId(prefix: string, number: number): string {
  const short = `${prefix}Qb0${String(number).padStart(9, '0')}`;
  if (short.length !== 15) throw new Error(`"${prefix}" and ${number} make no record id`);
  const suffix = [0, 5, 10].map((start) => {
    const bits = [...short.slice(start, start + 5)].reduce((sum, letter, at) => sum + (/[A-Z]/.test(letter) ? 1 << at : 0), 0);
    return SUFFIX[bits];
  });
  return short + suffix.join('');
}
