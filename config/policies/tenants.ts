import type * as z from 'zod';
import type { tenant } from '../../contracts/policy.ts';

type TenantInput = z.input<typeof tenant>;

/** Names of the tenants that tests use, one each, so that they can run side by side on one deployment. */
const testTenants: readonly string[] = Array.from({ length: 90 }, (_, index) => `t${String(index + 1).padStart(2, '0')}`);

/**
 * A trading company as Northwind: quotes come from Salesforce or, as canonical events, from any other producer; orders of region SIM
 * go to the ERP simulator, all others to the ERP.
 * @param org Salesforce organisation id; one per tenant, since it is what a vendor event tells the tenant by.
 */
const trader = (org: string, secretName: string): TenantInput => ({
  cpqs: {
    salesforce: { vendor: 'salesforce', org, secretName, terms: true, region: 'EU', businessUnit: 'trade' },
    canonical: { vendor: 'canonical', region: 'EU', businessUnit: 'trade' },
  },
  routes: [
    { region: 'SIM', businessUnit: '*', erp: 'sim' },
    { region: '*', businessUnit: '*', erp: 'main' },
  ],
});

/** Northwind, the tenant of `quotebridge doctor --smoke` and those of the tests; they share one Salesforce simulator. */
export const localTenants = (secretName: string): Record<string, TenantInput> =>
  Object.fromEntries([
    ['northwind', trader('00DNORTHWIND00000', secretName)],
    ['smoke', trader('00DSMOKE000000000', secretName)],
    ...testTenants.map((name): [string, TenantInput] => [name, trader(`00D${name.toUpperCase()}00000000000`, secretName)]),
  ]);
