import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '../config/index.ts';
import { Stop } from '../lambdas/domain/errors.ts';
import { LedgerRestoring } from '../lambdas/ledger/epoch.ts';
import { LedgerContended, OrderUnknown } from '../lambdas/ledger/ledger.ts';
import { LOCAL_STAGE } from '../lambdas/views/defaults.ts';
import { addAudit } from './audit.ts';
import { addDlq } from './dlq.ts';
import { addDoctor } from './doctor.ts';
import { addEvents } from './events.ts';
import { CameOutBadly, Refused, Usage } from './failure.ts';
import { addLedger } from './ledger.ts';
import { addLineage } from './lineage.ts';
import { addLogs } from './logs.ts';
import { addOrders } from './orders.ts';
import { addPolicy } from './policy.ts';
import { indent, plain } from './print.ts';
import { addQuarantine } from './quarantine.ts';
import { addReference } from './reference.ts';
import { addReplays } from './replays.ts';
import { addTasks } from './tasks.ts';
import { notRunning } from './where.ts';

const OK = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/** Where the CLI writes to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** What was given is shown with what is wrong about it, but not the whole of it, and nothing that steers the terminal. */
function wrongUsage(text: string): string {
  const told = text.trimEnd().split('\n').map(plain).join('\n');
  return `${told.length > 800 ? `${told.slice(0, 200)} … ${told.slice(-400)}` : told}\n`;
}

/** Subcommands take over what is configured here, so it comes before they are added. */
function program({ out, err }: Io): Command {
  const command = new Command('quotebridge')
    .description('Orders made of accepted quotes: see where they are, correct what holds them, stop them.')
    .option('--stage <stage>', 'stage to look at: config/<stage>.ts', LOCAL_STAGE)
    .option('--json', 'print data instead of text')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: (text, write) => write(wrongUsage(text)) })
    .showHelpAfterError('(--help shows the options)');
  for (const add of [
    addOrders,
    addTasks,
    addLineage,
    addPolicy,
    addReference,
    addQuarantine,
    addDlq,
    addReplays,
    addEvents,
    addLogs,
    addLedger,
    addAudit,
    addDoctor,
  ])
    add(command);
  return command;
}

const isRefusedConnection = (error: unknown): boolean =>
  error instanceof Error && ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' || isRefusedConnection((error as AggregateError).errors?.[0]));

/** A failure that people know what to do about, or undefined. */
function refusalOf(error: unknown): Refused | undefined {
  if (error instanceof Refused) return error;
  if (error instanceof OrderUnknown) return new Refused(`${error.message}.`, 'npx quotebridge orders list    shows the orders of a stage');
  if (error instanceof LedgerRestoring)
    return new Refused(
      `${error.message}.`,
      'Run the same command again when it has ended. `quotebridge doctor` says so, and how one that was cut is finished.',
    );
  if (error instanceof LedgerContended) return new Refused(`${error.message}.`, 'Run the same command again.');
  if (error instanceof Stop) return new Refused(`${error.message}.`, 'Restore the object in the document bucket, then run the same command again.');
  if (isRefusedConnection(error)) return notRunning(error);
  const { name, message } = error as Error;
  if (name === 'CredentialsProviderError')
    return new Refused(`No AWS credentials: ${message}`, 'aws sso login, or set AWS_PROFILE; then run the same command again.');
  if (/^(AccessDenied|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature)/.test(name))
    return new Refused(`AWS refused: ${message}`, 'Use credentials that may do this, then run the same command again.');
  return undefined;
}

function report(error: unknown, err: Io['err']): number {
  // Commander has printed it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? OK : WRONG_USAGE;
  if (error instanceof CameOutBadly) return FAILED;
  if (error instanceof Usage || error instanceof ConfigurationError) {
    err(wrongUsage(error.message));
    return WRONG_USAGE;
  }
  const refusal = refusalOf(error);
  err(refusal ? `${refusal.message}\nWhat to do:\n${indent(refusal.cure)}\n` : `${inspect(error)}\n`);
  return FAILED;
}

/** Runs one command line. @returns the exit code: 0 done, 1 refused or failed, 2 wrong usage */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await program(io).parseAsync(args, { from: 'user' });
    return OK;
  } catch (error) {
    return report(error, io.err);
  }
}
