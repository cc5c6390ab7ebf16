import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { TrytonSecret } from '../../../lambdas/connectors/erp/tryton/client.ts';
import { createTryton } from '../../../lambdas/connectors/erp/tryton/index.ts';
import { type Clerk, createClerk } from '../../../local/erp/clerk.ts';
import { freshCopy, prepareErp } from '../../../local/erp/prepare.ts';
import { startTryton, type TrytonServer } from '../../../local/erp/serve.ts';
import { start as startFaultProxy } from '../../../local/vendors/fault-proxy.ts';
import { createFaults } from '../../../local/vendors/faults.ts';
import type { HeldOrder, Subject } from './subject.ts';

const decimal = z.object({ decimal: z.string() }).transform((value) => value.decimal);
const sale = z.object({
  carrier: z.int().nullable(),
  'carrier.': z.object({ 'party.': z.object({ code: z.string() }) }).nullish(),
  'shipment_address.': z.object({ street: z.string(), city: z.string() }),
});
const lines = z.array(z.object({ quantity: z.number(), unit_price: decimal, 'product.': z.object({ code: z.string() }) }));

async function held(clerk: Clerk, ref: string): Promise<HeldOrder> {
  const fields = ['carrier', 'carrier.party.code', 'shipment_address.street', 'shipment_address.city'];
  const [record] = z.tuple([sale]).parse(await clerk.read('sale.sale', [['id', '=', Number(ref)]], fields));
  const found = lines.parse(await clerk.read('sale.line', [['sale', '=', Number(ref)]], ['quantity', 'unit_price', 'product.code']));
  return {
    carrier: record['carrier.']?.['party.'].code ?? null,
    lines: found.map((line) => ({ product: line['product.'].code, quantity: String(line.quantity), unitPrice: line.unit_price })),
    shipTo: record['shipment_address.'],
  };
}

export interface TrytonSubject extends Subject {
  readonly clerk: Clerk;
  readonly server: TrytonServer;
  /** Its database file. */
  readonly database: string;
  /** The integration's login, without the proxy. */
  readonly secret: TrytonSecret;
}

/** A Tryton of its own on a fresh copy of the prepared database, so these tests need nothing running and disturb nothing. */
export async function trytonSubject(): Promise<TrytonSubject> {
  const prepared = await prepareErp();
  const folder = mkdtempSync(join(tmpdir(), 'quotebridge-erp-'));
  const database = join(folder, 'run.sqlite');
  freshCopy(prepared, database);
  const server = await startTryton({ venv: prepared.venv, database, log: join(folder, 'tryton.log') });
  const proxy = await startFaultProxy({ target: server.url });
  const at = (url: string, login: { username: string; password: string }) => ({ url, database: server.database, ...login });
  const clerk = createClerk(at(server.url, prepared.logins.clerk));
  return {
    connect: (options, password = prepared.logins.integration.password) =>
      createTryton(at(proxy.url, { ...prepared.logins.integration, password }), options),
    faults: createFaults(proxy.url),
    methods: { create: 'model.sale.sale.create', confirm: () => 'model.sale.sale.confirm', cancel: () => 'model.sale.sale.cancel' },
    setCustomerActive: clerk.setCustomerActive,
    setProductActive: clerk.setProductActive,
    setListPrice: clerk.setListPrice,
    setProcessable: clerk.setAccounting,
    expireSessions: async () => {
      const file = new DatabaseSync(database);
      file.exec('DELETE FROM ir_session');
      file.close();
    },
    held: (ref) => held(clerk, ref),
    // another writer: SQLite has one at a time, and Tryton gives up after 30.4 s
    whileBusy: async (_key, what) => {
      const other = new DatabaseSync(database);
      other.exec('BEGIN IMMEDIATE');
      return what().finally(() => other.close());
    },
    cancelShipments: async (ref) => {
      await clerk.cancelShipmentsOf(ref);
      await clerk.handleException(ref, 'shipment', 'ignore');
    },
    cancelInvoices: async (ref) => {
      await clerk.cancelInvoicesOf(ref);
      await clerk.handleException(ref, 'invoice', 'ignore');
    },
    cancelStuck: async (ref) => {
      await clerk.press('draft', ref);
      await clerk.press('cancel', ref);
    },
    stop: async () => {
      await proxy.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    clerk,
    server,
    database,
    secret: at(server.url, prepared.logins.integration),
  };
}
