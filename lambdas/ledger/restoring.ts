import { decideKeep } from '../domain/protocol/index.ts';
import { epochOf, loadings, RestoreContended, type RestoreRecord, type Restores, readRestores, writeRestore } from './epoch.ts';
import { eachOf, type Item, type Table } from './items.ts';
import { createLedger } from './ledger.ts';
import { unfinishedKeys } from './queries.ts';
import { empty, load } from './refill.ts';

/** Orders are being brought back already: by whom, since when, and whose. */
export class RestoreUnderWay extends Error {
  override readonly name = 'RestoreUnderWay';
  /** Of which tenant; undefined: of all. */
  readonly tenant: string | undefined;

  constructor({ epoch, by, at }: RestoreRecord, tenant: string | undefined) {
    super(`epoch ${epoch}${tenant === undefined ? '' : ` of tenant ${tenant}`} is being loaded since ${at}, by ${by}`);
    this.tenant = tenant;
  }
}

export interface RestoreRequest {
  /** Of this tenant's orders alone. */
  readonly tenant?: string | undefined;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601: from when on the orders may run. No call of before may land after it. */
  readonly runsFrom: string;
  /** The new epoch is above this one: the highest that the lost ledger is known to have had. */
  readonly above: number;
  /** The SHA-256 of the items of the backup that is loaded: by it a restore that was cut is known when it is begun again. */
  readonly backup?: string | undefined;
  /** Takes the place of another restore that loads; that one writes nothing any more. */
  readonly takeOver?: boolean | undefined;
  /** Until every process that has the table open knows of the epoch. */
  readonly untilKnown: () => Promise<unknown>;
  /** Says how far it is. */
  readonly say: (line: string) => void;
}

const recordOf = ({ all, tenants }: Restores, tenant: string | undefined): RestoreRecord | undefined =>
  tenant === undefined ? all : tenants[tenant];

async function write({ client, table }: Table, before: Restores, record: RestoreRecord, tenant: string | undefined): Promise<void> {
  if (!(await writeRestore(client, table, before, record, tenant))) throw new RestoreContended('another restore has begun meanwhile');
}

/** A table that is half loaded is loaded to its end first: by the same backup again, or by another in its place. Of tenants each goes alone. */
function mayBegin(before: Restores, { tenant, backup, takeOver = false }: RestoreRequest, status: RestoreRecord['status']): void {
  for (const one of loadings(before)) {
    if (one.tenant !== undefined && tenant !== undefined && one.tenant !== tenant) continue;
    const same = one.tenant === tenant && backup !== undefined && one.record.backup === backup;
    // orders of one tenant do not stand for all that are missing
    const covered = one.tenant === tenant || tenant === undefined;
    if (status !== 'loading' || !(same || (takeOver && covered))) throw new RestoreUnderWay(one.record, one.tenant);
  }
}

async function begin(table: Table, request: RestoreRequest, status: RestoreRecord['status']): Promise<RestoreRecord> {
  const { tenant, by, reason, runsFrom, above, backup } = request;
  const before = await readRestores(table.client, table.table);
  mayBegin(before, request, status);
  const at = new Date().toISOString();
  const record = { epoch: Math.max(epochOf(before), above) + 1, at, runsFrom, by, reason, status, ...(backup !== undefined && { backup }) };
  await write(table, before, record, tenant);
  await request.untilKnown();
  return record;
}

async function advance(table: Table, tenant: string | undefined, epoch: number, status: RestoreRecord['status']): Promise<RestoreRecord> {
  const before = await readRestores(table.client, table.table);
  const record = recordOf(before, tenant);
  if (record?.epoch !== epoch) throw new RestoreContended('another restore has begun meanwhile');
  const next = { ...record, status };
  await write(table, before, next, tenant);
  return next;
}

/** Makes every order that is not at rest due. Each is raised by whoever reads it anyway: this only brings their times forward. */
async function raise(table: Table, tenant: string | undefined, say: RestoreRequest['say']): Promise<number> {
  const ledger = createLedger(table);
  let raised = 0;
  await eachOf(
    await unfinishedKeys(ledger, Number.POSITIVE_INFINITY),
    (orderKey) => orderKey,
    async (orderKey) => {
      const { answer } = await ledger.change(orderKey, (head) =>
        tenant === undefined || head.tenant === tenant ? decideKeep(head) : { answer: 'known' as const },
      );
      if (answer === 'raised' && ++raised % 1000 === 0) say(`${raised} orders raised`);
    },
  );
  return raised;
}

/**
 * Brings the items of a backup back: the epoch first, so that whoever reads an order knows it for old; then the table is emptied and
 * loaded, while nobody may read an order; then the orders are made due. A restore that was cut is begun again from the same file.
 * Throws RestoreUnderWay, and RestoreContended when another restore has taken it over.
 */
export async function restoreFrom(
  table: Table,
  items: AsyncIterable<Item>,
  request: RestoreRequest,
): Promise<{ record: RestoreRecord; raised: number }> {
  const { tenant, say } = request;
  const { epoch } = await begin(table, request, 'loading');
  say(`epoch ${epoch}: emptying the table`);
  say(`${await empty(table, { tenant, epoch })} items taken out, loading the backup`);
  say(`${await load(table, { tenant, epoch }, items)} items loaded, raising the orders`);
  await advance(table, tenant, epoch, 'raising');
  return finishRestore(table, request);
}

/** The second half, for a table that was brought back by the cloud; one that was cut goes on under its epoch. Throws RestoreUnderWay. */
export async function restoreInPlace(table: Table, request: RestoreRequest): Promise<{ record: RestoreRecord; raised: number }> {
  const cut = recordOf(await readRestores(table.client, table.table), request.tenant);
  if (cut?.status !== 'raising') await begin(table, request, 'raising');
  return finishRestore(table, request);
}

async function finishRestore(table: Table, { tenant, say }: RestoreRequest): Promise<{ record: RestoreRecord; raised: number }> {
  const begun = recordOf(await readRestores(table.client, table.table), tenant);
  if (!begun) throw new RestoreContended('another restore has begun meanwhile');
  const raised = await raise(table, tenant, say);
  return { record: await advance(table, tenant, begun.epoch, 'done'), raised };
}
