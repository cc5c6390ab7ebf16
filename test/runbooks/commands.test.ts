import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../cli/program.ts';
import { isOpen } from '../../lambdas/ledger/quarantine.ts';
import { beginReplay, endReplay } from '../../lambdas/ledger/replays.ts';
import { root } from '../../local/paths.ts';
import { simulator } from '../support/erps.ts';
import { inbound, northwindQuote } from '../support/quotes.ts';
import { commands } from '../support/runbooks.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();

/** What an operator fills in: an order that waits, an event that was refused, a replay that failed. */
const filledIn: Record<string, string> = {
  CODE: 'CODE-OF-A-RUNBOOK',
  ERP: simulator.instance,
  'ERP-CODE': 'CODE-OF-THE-ERP',
  QUEUE: 'run-dlq',
  SUBSCRIBER: 'analytics',
  TENANT: 't53',
};

beforeAll(async () => {
  const tenant = createTenant(stage, 't53', simulator);
  const quote = northwindQuote(1);
  await tenant.prepare(quote, 'ACC-VINET');
  const orderKey = await tenant.accept(quote);
  await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
  const refused = createTenant(stage, 't54', simulator);
  await stage.put({ ...inbound(refused.event(quote)), 'detail-type': 'quote.created.v1' });
  const { id } = await refused.quarantined('the event', (entry) => entry.code === 'EVENT_MALFORMED' && isOpen(entry));
  await stage.put({ ...inbound(refused.event(northwindQuote(2))), 'detail-type': 'quote.created.v1' });
  const other = await refused.quarantined('the other event', (entry) => entry.code === 'EVENT_MALFORMED' && isOpen(entry) && entry.id !== id);
  toDismiss = other.id;
  const by = { by: 'cli:somebody', reason: 'the commands of the runbooks' };
  const { id: replay } = await endReplay(
    stage.ledger,
    await beginReplay(stage.ledger, 'sweep-dlq', { queue: 'sweep-dlq', ...by }),
    'failed',
    'a test',
  );
  Object.assign(filledIn, { 'REPLAY-ID': replay, 'ORDER-KEY': orderKey, QUOTE: quote.header.id, 'QUARANTINE-ID': id });
});

/** What is dismissed is not resubmitted: that takes an event of its own. */
let toDismiss = '';

const fillIn = (line: string): string =>
  line
    .replace(/(?<=quarantine dismiss )QUARANTINE-ID/, toDismiss)
    .replaceAll(/(?<![\w'-])(?:[A-Z][A-Z-]+[A-Z])(?![\w-])|(?<=deliver-)SUBSCRIBER(?=-dlq)/g, (word) => filledIn[word] ?? word);

/** The words of a command line, as a shell makes them. */
const wordsOf = (line: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

/** Runs one as an operator does who has pasted it; what `npx` does is tested below, once. */
async function pasted(line: string) {
  let text = '';
  const collect = (more: string) => {
    text += more;
  };
  const [npx, name, ...args] = wordsOf(fillIn(line));
  expect([npx, name]).toEqual(['npx', 'quotebridge']);
  return { code: await run(args, { out: collect, err: collect }), text };
}

/** An order that was cancelled cannot be run: cancelling comes last. */
const last = (line: string): number => (line.includes(' orders cancel ') ? 1 : 0);
const lines = [...new Set(commands.filter(({ aws }) => !aws).map(({ line }) => line))].sort((a, b) => last(a) - last(b));

/** What other tests left behind may be found: that the doctor, or a replay that came to its end, says so is no fault of the command. */
const accepted = (line: string, text: string): number[] =>
  line.includes(' doctor') || (line.includes(' --wait') && /^status +done/m.test(text)) ? [0, 1] : [0];

describe('a command of a runbook works as pasted', () => {
  test.each(lines)('%s', async (line) => {
    const { code, text } = await pasted(line);
    expect(accepted(line, text), text).toContain(code);
    expect(text.length).toBeGreaterThan(0);
  });

  test('npx finds the command line of this repository', () => {
    expect(execFileSync('npx', ['quotebridge', 'doctor', '--help'], { cwd: root, encoding: 'utf8' })).toContain('is everything reachable');
  });
});

/** Services as the command line of AWS calls them, and the SDK that knows their operations. */
const SERVICES: Record<string, () => Promise<object>> = {
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  events: () => import('@aws-sdk/client-eventbridge'),
  lambda: () => import('@aws-sdk/client-lambda'),
  s3api: () => import('@aws-sdk/client-s3'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  sqs: () => import('@aws-sdk/client-sqs'),
  stepfunctions: () => import('@aws-sdk/client-sfn'),
};

const onAws = [...new Set(commands.filter(({ aws }) => aws).map(({ line }) => line))];
const isOfAws = (line: string): boolean => line.startsWith('aws ');

test.each(onAws.filter(isOfAws))('AWS knows the operation of %s', async (line) => {
  // Where its answer goes is the shell's.
  const [, service = '', operation = '', waiter = ''] = wordsOf(line.split(' > ')[0] ?? line);
  const camel = (name: string) => name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  expect(await SERVICES[service]?.()).toHaveProperty(operation === 'wait' ? `waitUntil${camel(waiter)}` : `${camel(operation)}Command`);
});

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** What needs a stage on AWS, by who knows the command: our command line with its options, a script of the package, or the CDK. */
test.each(onAws.filter((line) => !isOfAws(line)))('there is such a command: %s', async (line) => {
  const [program, name = '', ...args] = wordsOf(line).filter((word) => !/^[A-Z_]+=/.test(word));
  if (program === 'npm') return expect(scripts).toHaveProperty(args[0] ?? '');
  expect(program).toBe('npx');
  if (name === 'cdk') return expect(execFileSync('npx', ['cdk', '--help'], { cwd: root, encoding: 'utf8' })).toContain(`cdk ${args[0]} `);
  expect(name).toBe('quotebridge');
  let help = '';
  const collect = (more: string) => {
    help += more;
  };
  const own = args.slice(args[0] === '--stage' ? 2 : 0);
  expect(await run([...own, '--help'], { out: collect, err: collect })).toBe(0);
  for (const option of own.filter((word) => word.startsWith('--'))) expect(help).toContain(`${option} `);
});
