import type { Command } from 'commander';
import { CPQ } from '../contracts/queues.ts';
import { OF_WHICH_ORDERS } from '../contracts/replay.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Usage } from './failure.ts';
import { mustBeOrderKey } from './find.ts';
import { option } from './replay-function.ts';
import { beginOutput } from './replays.ts';

interface RepublishOptions {
  readonly order?: string;
  readonly since?: string;
  readonly subscriber?: string;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly perSecond?: number;
  readonly wait?: boolean;
}

function republish(context: Context, { order, since, subscriber, wait, ...rest }: RepublishOptions): Promise<Output> {
  if ((order === undefined) === (since === undefined)) throw new Usage('Say which facts: either --order KEY or --since TIME.');
  const known = [...Object.keys(context.config.policy.subscribers), CPQ];
  if (subscriber !== undefined && !known.includes(subscriber))
    throw new Usage(`Stage ${context.config.stage} has no subscriber "${subscriber}"; it has ${known.join(', ')}.`);
  const what = { orderKey: order === undefined ? undefined : mustBeOrderKey(order), since, subscriber };
  return beginOutput(context, { republish: what, ...rest }, wait);
}

export function addEvents(program: Command): void {
  const events = program.command('events').description('events of orders, which are the facts of the ledger');
  events
    .command('republish')
    .description('send facts again, with the ids they always had: consumers that have them are not moved')
    .option('--order <key>', 'all facts of one order')
    .option('--since <time>', `the facts from this time on, of ${OF_WHICH_ORDERS}`, option.time)
    .option('--subscriber <name>', 'only to this subscriber, or cpq for the write-back (default: to all, over the business bus)')
    .requiredOption('--reason <text>', 'why; kept in the ledger', option.reason)
    .option('--dry-run', 'only count them')
    .option('--per-second <n>', 'events sent per second at most (default: 50)', option.number(1000))
    .option('--wait', 'follow it to its end; exit code 1 when it failed')
    .action(act(republish));
}
