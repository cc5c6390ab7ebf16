import type { Command } from 'commander';
import { lineage as itemsOf } from '../lambdas/ledger/queries.ts';
import { quoteView, revisionView } from '../lambdas/views/lineage.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { findQuote, type QuoteAddress } from './find.ts';
import { lineageText } from './lineage-text.ts';

async function lineage(context: Context, address: QuoteAddress, text: string): Promise<Output> {
  const { quote, heads } = await findQuote(context, text, address);
  const around = {
    defaults: context.defaults,
    policy: context.config.policy,
    bucket: context.documents.bucket,
    stateMachineArn: context.stateMachineArn,
  };
  const revisions = await Promise.all(heads.map(async (head) => revisionView(head, await itemsOf(context.ledger, head.orderKey), around)));
  const view = { quote: quoteView(quote, heads.at(-1)?.quote.number), revisions };
  return { view, text: lineageText(view, new Date()) };
}

export function addLineage(program: Command): void {
  program
    .command('lineage')
    .description('all that happened to a quote: revisions, facts, documents, deliveries, runs')
    .argument('<quote>', 'order key, quote id of the CPQ, or the number that people use, such as Q-10248')
    .option('--tenant <tenant>', 'tenant of the quote (default: the first of the configuration)')
    .option('--cpq <cpq>', 'CPQ connection of the quote (default: all of the tenant)')
    .action(act(lineage));
}
