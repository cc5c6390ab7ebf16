import type { Head } from '../../lambdas/domain/head.ts';
import { type RestoreRecord, readRestores } from '../../lambdas/ledger/epoch.ts';
import { commandLine } from '../../lambdas/views/next-command.ts';
import type { Context } from '../context.ts';
import { count, instant } from '../print.ts';
import { bad, type Check, type Finding, look, ok } from './finding.ts';

const NAME = 'restore';

function findingOf(
  context: Context,
  { status, at, by, epoch, runsFrom }: RestoreRecord,
  tenant: string | undefined,
  heads: readonly Head[],
): Finding {
  const what = `epoch ${epoch}${tenant === undefined ? '' : ` of tenant ${tenant}`}, by ${by} at ${instant(at)} UTC`;
  const again = commandLine(`ledger restore --reason TEXT${tenant === undefined ? '' : ` --tenant ${tenant}`}`, context.config.stage);
  if (status === 'loading') return bad(NAME, `${what}: the orders are not back, nobody may read one`, `If nobody is at it: ${again} --from FILE`);
  if (status === 'raising') return bad(NAME, `${what}: not all orders are due yet`, `If nobody is at it: ${again}`);
  const owed = heads.filter((head) => head.lookFrom !== undefined && (tenant === undefined || head.tenant === tenant));
  if (owed.length === 0) return ok(NAME, `${what}: every order under way has looked at its ERP`);
  return look(
    NAME,
    `${what}: ${count(owed.length, 'order')} not looked at since, from ${instant(runsFrom)} UTC on`,
    'Nothing: they look when they run. One that waits with RESTORE_DRAFT_CANCELLED needs the answer to its task.',
  );
}

/** Whether the ledger was restored, and whether that has come to its end. */
export const restore =
  (context: Context, heads: readonly Head[]): Check =>
  async () => {
    const { all, tenants } = await readRestores(context.ledger.client, context.ledger.table);
    const records: [string | undefined, RestoreRecord][] = [
      ...(all ? [[undefined, all] as [undefined, RestoreRecord]] : []),
      ...Object.entries(tenants),
    ];
    if (records.length === 0) return ok(NAME, 'the ledger was never restored');
    return records.map(([tenant, record]) => findingOf(context, record, tenant, heads));
  };
