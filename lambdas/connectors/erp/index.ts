import * as z from 'zod';
import type { ErpInstance } from '../../../contracts/policy.ts';
import { ofInstance } from './instance.ts';
import type { ErpPort } from './port.ts';
import type { ConnectorOptions } from './session.ts';
import { createErpSimulator } from './simulator/index.ts';
import { createTryton } from './tryton/index.ts';

const login = z.object({ url: z.url(), username: z.string().min(1), password: z.string().min(1) });
const trytonSecret = login.extend({ database: z.string().min(1) });

type ErpOptions = Pick<ConnectorOptions, 'onLoginRefused'>;

/** The connector of a vendor. @throws ZodError when the secret lacks something; its text names fields, never values */
function createErp(vendor: ErpInstance['vendor'], secret: unknown, options: ErpOptions = {}): ErpPort {
  return vendor === 'tryton' ? createTryton(trytonSecret.parse(secret), options) : createErpSimulator(login.parse(secret), options);
}

interface SecretReader {
  get(name: string): Promise<unknown>;
  forget(name: string): void;
}

/**
 * Connectors by name of the ERP instance in the policy, one per instance and secret, so that warm functions keep their sessions. A
 * changed secret makes a new one; a refused login has the secret read anew.
 */
export function erpDirectory(instances: Readonly<Record<string, ErpInstance>>, secrets: SecretReader): (instance: string) => Promise<ErpPort> {
  const ports = new Map<string, { secret: string; port: ErpPort }>();
  return async (name) => {
    const instance = instances[name];
    if (instance === undefined) throw new Error(`the policy has no ERP instance "${name}"`);
    const value = await secrets.get(instance.secretName);
    const secret = JSON.stringify(value);
    const known = ports.get(name);
    if (known?.secret === secret) return known.port;
    const port = ofInstance(createErp(instance.vendor, value, { onLoginRefused: () => secrets.forget(instance.secretName) }), name);
    ports.set(name, { secret, port });
    return port;
  };
}
