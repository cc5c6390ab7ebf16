import type { Command } from 'commander';
import { unfinished } from '../lambdas/ledger/queries.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { clock, drift, functions, stacks, versions } from './doctor/deployment.ts';
import { type Check, examine, type Finding, type Verdict } from './doctor/finding.ts';
import { orders, quarantine, tasks } from './doctor/orders.ts';
import { deadLetters, queues, replays } from './doctor/queues.ts';
import { restore } from './doctor/restore.ts';
import { smoke } from './doctor/smoke.ts';
import { secrets, vendors } from './doctor/vendors.ts';
import { count, indent, plain } from './print.ts';

const SIGNS: Record<Verdict, string> = { ok: 'ok', look: 'look', bad: 'BAD', unknown: '?' };

/** One line each, and what to do below those that need it. */
export function doctorText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, verdict, text, cure }) => {
    const line = `${SIGNS[verdict].padEnd(4)}  ${check.padEnd(width)}  ${plain(text)}`;
    return cure === undefined ? line : `${line}\n${indent(cure, 6)}`;
  });
  const of = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const tally = (['bad', 'look', 'unknown'] as const).flatMap((verdict) => (of(verdict) > 0 ? [`${of(verdict)} ${verdict}`] : []));
  const verdict = tally.length === 0 ? 'all well' : tally.join(', ');
  return `${lines.join('\n')}\n\n${count(findings.length, 'check')}: ${verdict}.`;
}

/** Signs of life while the quote is on its way: not to the output, which may be data. */
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function doctor(context: Context, options: { smoke?: boolean }): Promise<Output> {
  const heads = await unfinished(context.ledger);
  const checks: [name: string, check: Check][] = [
    ['stacks', stacks(context)],
    ['versions', versions(context)],
    ['functions', functions(context)],
    ['drift', drift(context)],
    ['clock', clock(context)],
    ['secrets', secrets(context)],
    ['vendors', vendors(context, heads)],
    ['queues', queues(context)],
    ['dead letters', deadLetters(context)],
    ['replays', replays(context)],
    ['orders', orders(context, heads)],
    ['tasks', tasks(context, heads)],
    ['restore', restore(context, heads)],
    ['quarantine', quarantine(context)],
  ];
  const findings = (await Promise.all(checks.map(([name, check]) => examine(name, check)))).flat();
  // Last, when the others are known: what it finds is explained by them.
  if (options.smoke) findings.push(...(await examine('smoke', smoke(context, say))));
  return { view: { findings }, text: doctorText(findings), ok: findings.every(({ verdict }) => verdict !== 'bad') };
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('is everything reachable and nothing stuck: one line each, and what to do')
    .option('--smoke', 'also send one quote of the test tenant that the configuration names, and follow it to its end')
    .action(act(doctor, { whileRestoring: true }));
}
