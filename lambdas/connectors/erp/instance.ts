import type { ErrorCode } from '../../../contracts/errors.ts';
import type { CauseKind } from '../../../contracts/reference.ts';
import { VendorError } from '../../gateway/vendor-error.ts';
import type { ErpPort } from './port.ts';

/** Failures that are not of one call: every order of the tenant that comes to the instance meets them. */
const OF_ALL: Readonly<Partial<Record<ErrorCode, CauseKind>>> = { ERP_AUTHENTICATION: 'instance', ERP_UNAVAILABLE: 'outage' };

function named(error: unknown, erp: string): unknown {
  const kind = error instanceof VendorError ? OF_ALL[error.code] : undefined;
  if (kind === undefined || !(error instanceof VendorError)) return error;
  const { code, effect, detail, retryAfter } = error;
  return new VendorError(code, effect, `${erp}: ${detail}`, { retryAfter, shared: { erp, kind, code: erp }, cause: error });
}

/**
 * The connector of an ERP instance: failures of all its calls say which one it is. An order may have to ask another one than its own, and
 * those that meet the same wait for it together.
 */
export function ofInstance(port: ErpPort, erp: string): ErpPort {
  const methods = Object.entries(port).map(([name, part]) => {
    if (typeof part !== 'function' || name === 'vendorKey') return [name, part];
    const call = part as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      (...given: unknown[]) =>
        call(...given).catch((error: unknown) => {
          throw named(error, erp);
        }),
    ];
  });
  return Object.fromEntries(methods) as ErpPort;
}
