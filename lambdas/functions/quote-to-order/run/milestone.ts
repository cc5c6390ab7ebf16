import type { Milestone } from '../../../../contracts/events.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import { age } from '../../../aws/metrics.ts';
import { orderKeyOf } from '../../../domain/identity.ts';
import { decideCpqVerdict } from '../../../domain/protocol/index.ts';
import { placeOf, rulesOf } from '../../../domain/rules.ts';
import type { RunDeps } from './deps.ts';
import { start } from './start.ts';

interface MilestoneEvent {
  readonly type: string;
  readonly tenant: string;
  readonly data: { readonly quote: { readonly cpq: string; readonly id: string; readonly revision: number }; readonly at: string };
}

/** A verdict that comes after the acceptance is what the order may wait for, or asks for more than was asked. */
async function goesOn(deps: RunDeps, { tenant, data: { quote } }: MilestoneEvent): Promise<void> {
  const { ledger, policy } = deps;
  const orderKey = orderKeyOf(tenant, quote.cpq, quote.id, quote.revision);
  const head = await ledger.read(orderKey);
  if (!head || rulesOf(policy, placeOf(head)).cpqApproval === 'ignored') return;
  const { answer } = await ledger.change(orderKey, decideCpqVerdict);
  if (answer === 'due') await start(deps, orderKey);
}

/**
 * What the CPQ did with a quote, mirrored on QUOTE; whether or not it was known, so that a repeat makes up for a function that died between
 * the two. How long an approval takes to get here, from the CPQ's stamp to the ledger's, is measured.
 */
export async function milestone(deps: RunDeps, event: MilestoneEvent): Promise<void> {
  const { ledger } = deps;
  const { quote, at } = event.data;
  const name = event.type.split('.')[1] as Milestone;
  const answer = await ledger.milestone(event.tenant, quote.cpq, quote.id, name, quote.revision, new Date(at).toISOString());
  if (name !== 'approved' && name !== 'rejected') return;
  if (name === 'approved' && answer === 'written') age(METRIC.approvalLag, Math.max(0, (Date.parse(ledger.stamp()) - Date.parse(at)) / 1000));
  await goesOn(deps, event);
}
