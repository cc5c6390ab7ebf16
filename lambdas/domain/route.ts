import type { Policy } from '../../contracts/policy.ts';
import type { Head } from './head.ts';

/** The first route that matches names the ERP instance; it is pinned when the quote is accepted (rule 14). */
export function routeOf(
  tenant: Policy['tenants'][string] | undefined,
  cpq: string,
  region: string | undefined,
  businessUnit: string | undefined,
): Head['route'] | undefined {
  const connection = tenant?.cpqs[cpq];
  if (!tenant || !connection) return undefined;
  const at = { region: region ?? connection.region, businessUnit: businessUnit ?? connection.businessUnit };
  const fits = (rule: string, value: string) => rule === '*' || rule === value;
  const route = tenant.routes.find((candidate) => fits(candidate.region, at.region) && fits(candidate.businessUnit, at.businessUnit));
  return route && { ...at, erp: route.erp };
}
