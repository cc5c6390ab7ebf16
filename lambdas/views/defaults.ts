import type { Policy } from '../../contracts/policy.ts';

/** What a command means when it does not say otherwise; commands that the CLI proposes leave these out. */
export interface Defaults {
  readonly stage: string;
  readonly tenant: string;
  readonly erp: string;
}

export const LOCAL_STAGE = 'local';

/** The only tenant, or the first that is configured. */
const tenantOf = (policy: Policy): string => Object.keys(policy.tenants)[0] ?? '';

/** The ERP that a tenant's quotes go to unless a more special route says otherwise. */
export function erpOf(policy: Policy, tenant: string): string {
  const routes = policy.tenants[tenant]?.routes ?? [];
  return (routes.find(({ region, businessUnit }) => region === '*' && businessUnit === '*') ?? routes[0])?.erp ?? '';
}

export function defaultsOf({ stage, policy }: { readonly stage: string; readonly policy: Policy }): Defaults {
  const tenant = tenantOf(policy);
  return { stage, tenant, erp: erpOf(policy, tenant) };
}
