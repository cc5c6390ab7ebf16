import type { Policy } from '../../../contracts/policy.ts';
import { VendorError } from '../../gateway/vendor-error.ts';
import type { CpqPort } from './port.ts';
import { createSalesforce } from './salesforce/index.ts';

interface SecretReader {
  get(name: string): Promise<unknown>;
  forget(name: string): void;
}

/**
 * Connectors by tenant and CPQ connection, kept by secret, so that warm functions keep their tokens; refused credentials are read anew.
 * @throws VendorError CPQ_REFUSED for a connection that has nothing to fetch from
 */
export function cpqDirectory(tenants: Policy['tenants'], secrets: SecretReader): (tenant: string, cpq: string) => Promise<CpqPort> {
  const ports = new Map<string, { secret: string; port: CpqPort }>();
  return async (tenant, cpq) => {
    const { secretName: name, terms } = tenants[tenant]?.cpqs[cpq] ?? {};
    if (name === undefined) throw new VendorError('CPQ_REFUSED', 'not-sent', `CPQ ${cpq} of tenant ${tenant} has no records to fetch`);
    const value = await secrets.get(name);
    const secret = JSON.stringify(value);
    const key = `${cpq} ${name} ${terms ?? false}`;
    const known = ports.get(key);
    if (known?.secret === secret) return known.port;
    const port = forgetful(createSalesforce(value, { cpq, terms }), () => secrets.forget(name));
    ports.set(key, { secret, port });
    return port;
  };
}

/** Refused credentials may have been renewed: the next call reads them again. */
function forgetful({ vendor, fetchQuote, writeStatus }: CpqPort, forget: () => void): CpqPort {
  const watched =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof VendorError && error.code === 'CPQ_AUTHENTICATION') forget();
        throw error;
      }
    };
  return { vendor, fetchQuote: watched(fetchQuote), ...(writeStatus && { writeStatus: watched(writeStatus) }) };
}
