import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { backupOf } from '../lambdas/ledger/backup.ts';
import { epochOf, RestoreContended, type RestoreRecord, readRestores, untilKnown } from '../lambdas/ledger/epoch.ts';
import type { Table } from '../lambdas/ledger/items.ts';
import { type RestoreRequest, RestoreUnderWay, restoreFrom, restoreInPlace } from '../lambdas/ledger/restoring.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { tenantIn } from './find.ts';
import { checkBackup, readBackup, writeBackup } from './ledger-file.ts';
import { count, facts, instant } from './print.ts';
import { option } from './replay-function.ts';

/**
 * Seconds until no call of before a restore can land any more: 45 of the slowest function, 31 of the slowest vendor, and some for clocks
 * that differ. A test holds it above the first two.
 */
export const CALLS_END_SECONDS = 120;

const tableOf = ({ ledger: { client, table } }: Context): Table => ({ client, table });

interface ExportOptions {
  readonly to: string;
  readonly tenant?: string;
}

/** A folder gets a file that is named by stage and time. */
async function fileFor({ config }: Context, to: string, at: string): Promise<string> {
  const isFolder = await stat(to).then(
    (found) => found.isDirectory(),
    () => to.endsWith('/'),
  );
  if (!isFolder) return resolve(to);
  await mkdir(to, { recursive: true });
  return resolve(join(to, `ledger-${config.stage}-${at.replaceAll(/[:.]/g, '')}.jsonl.gz`));
}

async function exportLedger(context: Context, { to, tenant }: ExportOptions): Promise<Output> {
  const table = tableOf(context);
  const at = context.ledger.stamp();
  const file = await fileFor(context, to, at);
  const about = {
    table: table.table,
    tenant: tenant === undefined ? undefined : tenantIn(context, tenant),
    at,
    epoch: epochOf(await readRestores(table.client, table.table)),
  };
  const manifest = await writeBackup(
    file,
    about,
    backupOf(table, () => new Date(), about.tenant),
    (items) => context.say(`${items} items`),
  );
  const text = facts([
    ['file', file],
    ['orders', String(manifest.orders)],
    ['items', String(manifest.items)],
    ['sha256', manifest.sha256],
    ['epoch', String(about.epoch)],
  ]);
  return { view: { file, ...about, ...manifest }, text };
}

interface RestoreOptions {
  readonly from?: string;
  readonly reason: string;
  readonly tenant?: string;
  readonly after?: number;
  readonly table?: string;
  readonly above?: number;
  readonly takeOver?: boolean;
}

/** The highest epoch of the table that the stage works with; of one that is gone the caller has to say it. */
async function epochOfStage({ ledger, config }: Context, above: number | undefined): Promise<number> {
  try {
    return Math.max(epochOf(await readRestores(ledger.client, ledger.table)), above ?? 0);
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException' || above !== undefined) {
      if (above !== undefined) return above;
      throw error;
    }
    throw new Refused(
      `The table ${ledger.table} is gone, so nobody knows the epoch that it had.`,
      `Say it: ${commandLine('ledger restore --above EPOCH', config.stage)}. It is the number in the middle of the newest names of executions: ORDER-KEY-epoch-run.`,
    );
  }
}

/** A ledger may be emptied and loaded on a laptop alone. On AWS a backup comes back as a new table. */
function mustBeLocal({ config }: Context): void {
  if (config.cloud !== 'aws') return;
  throw new Refused(
    'On AWS nothing is deleted from a ledger, so no file is loaded over it.',
    'Restore the table from its point-in-time recovery, then: quotebridge ledger restore --table TABLE --reason TEXT\nThe way is in docs/runbooks/operations.md.',
  );
}

async function performed(context: Context, { from, table, tenant }: RestoreOptions, request: Omit<RestoreRequest, 'above'>, above: number) {
  const target = { ...tableOf(context), ...(table !== undefined && { table }) };
  if (from === undefined) return restoreInPlace(target, { ...request, above });
  const backup = await checkBackup(from);
  if (backup.tenant !== tenant)
    throw new Refused(
      `The backup is of ${backup.tenant === undefined ? 'all tenants' : `tenant ${backup.tenant}`}.`,
      backup.tenant === undefined ? 'Leave out --tenant, or take an export that was made with it.' : `Add --tenant ${backup.tenant}.`,
    );
  return restoreFrom(target, readBackup(from), { ...request, backup: backup.sha256, above: Math.max(above, backup.epoch) });
}

/** What a restore that could not be made tells its operator; any other failure as it is. */
export function restoreRefusal(error: Error, stage: string, table?: string): Error {
  if (error instanceof RestoreUnderWay) {
    const again = commandLine(`ledger restore --from FILE --reason TEXT${error.tenant === undefined ? '' : ` --tenant ${error.tenant}`}`, stage);
    return new Refused(
      `${error.message}. Until that has ended no other restore may begin.`,
      `Wait for it. If it was cut or has stalled: ${again}\nWith the same FILE that finishes it; with another one add --take-over, and it writes nothing any more.`,
    );
  }
  if (error instanceof RestoreContended)
    return new Refused(`${error.message}: another restore has taken over.`, `${commandLine('doctor', stage)}    says which one, and how far it is`);
  if (error.name === 'ResourceNotFoundException' && table !== undefined)
    return new Refused(
      `There is no table ${table}.`,
      'Give --table the name of a table that was restored, as `aws dynamodb list-tables` has it; leave it out for the table of the stage.',
    );
  return error;
}

/** What a restore did, and what it has forgotten: all that came after the backup, of which only a part is asked about again. */
export function restoredText({ epoch, runsFrom }: Pick<RestoreRecord, 'epoch' | 'runsFrom'>, raised: number, stage: string): string {
  const forgotten = [
    ['send again', 'quotes that were accepted, withdrawn, approved, rejected or expired: from the archive, or have the CPQ send them', undefined],
    ['say again', 'orders that were cancelled, mappings that were changed: nobody is asked about them', 'orders cancel ORDER-KEY --reason TEXT'],
    ['answer again', 'questions that were answered: they are open, or come up again when their order has run', 'tasks list'],
  ] as const;
  return [
    `Epoch ${epoch}: ${count(raised, 'order')} will run from ${instant(runsFrom)} UTC on, each after a look at its ERP.`,
    'What came after the backup is forgotten. Send and say it again before the orders run (docs/runbooks/operations.md#how-to-restore-the-ledger):',
    ...forgotten.flatMap(([what, of, command]) => [
      `  ${what.padEnd(12)}  ${of}`,
      ...(command ? [`${' '.repeat(16)}${commandLine(command, stage)}`] : []),
    ]),
    `${commandLine('audit verify', stage)}    walks every chain of facts`,
  ].join('\n');
}

async function restore(context: Context, options: RestoreOptions): Promise<Output> {
  const { from, reason, after = CALLS_END_SECONDS / 60 } = options;
  if (from !== undefined && options.table !== undefined)
    throw new Usage('--from loads a file into the table of the stage; --table names a table that is restored.');
  if (options.takeOver && from === undefined) throw new Usage('--take-over loads another file: name it with --from.');
  if (from !== undefined) mustBeLocal(context);
  const tenant = options.tenant === undefined ? undefined : tenantIn(context, options.tenant);
  const runsFrom = new Date(Date.now() + Math.max(after * 60, CALLS_END_SECONDS) * 1000).toISOString();
  const request = { tenant, by: await context.actor(), reason, runsFrom, untilKnown, say: context.say, takeOver: options.takeOver };
  const { record, raised } = await performed(context, options, request, await epochOfStage(context, options.above)).catch((error: Error) => {
    throw restoreRefusal(error, context.config.stage, options.table);
  });
  return { view: { ...record, tenant, raised }, text: restoredText(record, raised, context.config.stage) };
}

export function addLedger(program: Command): void {
  const ledger = program.command('ledger').description('a backup of the ledger, and its way back');
  ledger
    .command('export')
    .description('write every item of the ledger to a file that `ledger restore` reads; on AWS the export to S3 does more')
    .requiredOption('--to <path>', 'file, or folder for a file that is named by stage and time')
    .option('--tenant <tenant>', 'only the orders, quotes and references of this tenant')
    .action(act(exportLedger));
  ledger
    .command('restore')
    .description('raise the epoch: the orders are older than what they did. With --from also bring them back, on a local cloud')
    .requiredOption('--reason <text>', 'why, for the record', option.reason)
    .option('--from <file>', 'an export; what the table holds is taken out first. Local clouds only')
    .option('--tenant <tenant>', 'only the orders, quotes and references of this tenant')
    .option(
      '--after <minutes>',
      `orders run again after this time (default: ${CALLS_END_SECONDS / 60}); what is forgotten may be sent and said again meanwhile`,
      option.number(10_000),
    )
    .option('--table <table>', 'a table that was restored from a backup and is not in use yet (default: that of the stage)')
    .option('--take-over', 'with --from: in the place of another restore that was cut or has stalled')
    .option('--above <epoch>', 'the epoch of the lost ledger, where its table is gone', option.number(900_000))
    .action(act(restore, { whileRestoring: true }));
}
