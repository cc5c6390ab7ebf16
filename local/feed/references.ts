import type { ReferenceKind } from '../../contracts/reference.ts';
import { routeOf } from '../../lambdas/domain/route.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { readReference, setReference } from '../../lambdas/ledger/references.ts';
import { carriers, customers, products } from '../northwind/master-data.ts';
import type { EnvironmentState } from '../state.ts';
import { openStage } from './stage.ts';

type Mapping = readonly [kind: ReferenceKind, code: string, target: string];

/** What Northwind's master data maps: everything but the planted exceptions. */
const mapped: readonly Mapping[] = [
  ...customers.filter((customer) => customer.mapped).map((customer): Mapping => ['customer', customer.account, customer.code]),
  ...products.filter((product) => product.mapped).map((product): Mapping => ['product', product.sku, product.code]),
  ...carriers.map((carrier): Mapping => ['carrier', carrier.sku, carrier.code]),
];

const AT_ONCE = 10;

/** Writes the mappings of a tenant into the ledger, as an import of master data would. @returns how many */
export async function seedReferences(ledger: Ledger, tenant: string, erp = 'main'): Promise<number> {
  for (let from = 0; from < mapped.length; from += AT_ONCE) {
    const batch = mapped.slice(from, from + AT_ONCE);
    await Promise.all(batch.map(([kind, code, target]) => setReference(ledger, { tenant, erp, kind, code, target, by: 'northwind import' })));
  }
  return mapped.length;
}

/** What `quotebridge doctor --smoke` sends has to be mapped; a mapping that is there already is left as it is. */
export async function seedSmoke(state: EnvironmentState): Promise<void> {
  const { ledger, smoke, policy } = await openStage(state);
  if (!smoke) return;
  const { tenant, cpq, region, businessUnit } = smoke;
  const erp = routeOf(policy.tenants[tenant], cpq, region, businessUnit)?.erp ?? '';
  for (const [kind, code, target] of mapped.filter(([, code]) => code === smoke.customer || code === smoke.product)) {
    const known = await readReference(ledger, tenant, erp, kind, code);
    if (known.target !== target) await setReference(ledger, { tenant, erp, kind, code, target, by: 'northwind import' });
  }
}
