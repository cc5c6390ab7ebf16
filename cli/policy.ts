import type { Command } from 'commander';
import { releaseOf } from '../config/release.ts';
import { OrderUnknown } from '../lambdas/ledger/ledger.ts';
import { type PolicyView, policyView } from '../lambdas/views/policy.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { mustBeOrderKey } from './find.ts';
import { facts, instant, table } from './print.ts';

/** `seconds 60, times 24, jitter 0.2`; lists in brackets. */
export function valueText(value: unknown): string {
  if (value === null) return 'taken away';
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => (typeof one === 'object' && !Array.isArray(one) ? `${key} {${valueText(one)}}` : `${key} ${valueText(one)}`))
    .join(', ');
}

/** What to know before the rules below are believed. */
function hashNotes({ here, deployed, lastRun }: PolicyView['policy']): string[] {
  return [
    ...(deployed === here
      ? []
      : ['The configuration of this folder is not what is deployed: the rules below come into force with the next deployment.']),
    ...(lastRun === undefined || lastRun === deployed ? [] : ['The last run followed another policy; the next one follows what is deployed.']),
  ];
}

export function policyText(view: PolicyView): string {
  const { orderKey, tenant, region, businessUnit, policy, rules } = view;
  const head = facts([
    ['order', orderKey],
    ['levels', `default -> region ${region} -> business unit ${businessUnit} -> tenant ${tenant}`],
    ['policy', `${policy.deployed ?? 'unknown'} is deployed, ${policy.here} is in this folder`],
    ['last run', policy.lastRun ?? 'none yet'],
    ['complete by', view.deadline && `${instant(view.deadline)} UTC, fixed when it was accepted`],
  ]);
  const rows = rules.map(({ rule, value, from }) => [rule, from, valueText(value)]);
  return [head, ...hashNotes(policy), '', table(['RULE', 'FROM', 'VALUE'], rows)].join('\n');
}

async function explain(context: Context, _options: object, key: string): Promise<Output> {
  const orderKey = mustBeOrderKey(key);
  const head = await context.ledger.read(orderKey);
  if (!head) throw new OrderUnknown(`no order ${orderKey} in the ledger`);
  const hashes = { deployed: context.outputs.PolicyHash, here: releaseOf(context.config).policyHash };
  const view = policyView(head, context.config.policy, hashes);
  return { view, text: policyText(view) };
}

export function addPolicy(program: Command): void {
  const policy = program.command('policy').description('the rules that orders follow: retries, due times, tolerances, approvals');
  policy
    .command('explain')
    .description('each rule of an order and the level that says it: default, region, business unit or tenant')
    .argument('<order>', 'order key')
    .action(act(explain));
}
