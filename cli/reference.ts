import { Argument, type Command } from 'commander';
import { causeOf, type Reference, type ReferenceKind, reference, referenceKind } from '../contracts/reference.ts';
import { waitingFor } from '../lambdas/ledger/queries.ts';
import { listReferences, ReferenceContended, setReference } from '../lambdas/ledger/references.ts';
import { erpOf } from '../lambdas/views/defaults.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { tenantIn } from './find.ts';
import { count, instant, table } from './print.ts';

interface Address {
  readonly tenant?: string;
  readonly erp?: string;
}

/** Orders that are counted when somebody asks who waits; more are told as "at least". */
const COUNTED = 100;

function addressIn(context: Context, options: Address): { tenant: string; erp: string } {
  const { policy, stage } = context.config;
  const tenant = tenantIn(context, options.tenant);
  const erp = options.erp ?? erpOf(policy, tenant);
  if (!Object.hasOwn(policy.erps, erp)) throw new Usage(`Stage ${stage} has no ERP "${erp}"; it has ${Object.keys(policy.erps).join(', ')}.`);
  return { tenant, erp };
}

async function list(context: Context, options: Address, kind?: ReferenceKind): Promise<Output> {
  const { tenant, erp } = addressIn(context, options);
  const kinds = kind === undefined ? referenceKind.options : [kind];
  const lists = await Promise.all(kinds.map((one) => listReferences(context.ledger, tenant, erp, one)));
  const references = lists.flat().map((item) => reference.parse(item));
  const rows = references.map((one) => [one.kind, one.code, one.target, one.version, instant(one.at), one.by]);
  const text = table(['KIND', 'CODE', 'ERP CODE', '>VERSION', 'SINCE (UTC)', 'BY'], rows);
  return { view: { tenant, erp, references }, text: `${text}\n\n${count(references.length, 'mapping')} of ${tenant} to ERP ${erp}.` };
}

/** @throws {Usage} when a code could not be stored. */
function mustBeCodes(code: string, target: string): void {
  const parsed = reference.pick({ code: true, target: true }).safeParse({ code, target });
  const issue = parsed.error?.issues[0];
  if (issue) throw new Usage(`${issue.path.join('.')} "${issue.path[0] === 'code' ? code : target}": ${issue.message}.`);
}

async function set(context: Context, options: Address, kind: ReferenceKind, code: string, target: string): Promise<Output> {
  const { ledger } = context;
  mustBeCodes(code, target);
  const { tenant, erp } = addressIn(context, options);
  const by = await context.actor();
  const cause = causeOf(tenant, erp, kind, code);
  const { orderKeys, next } = await waitingFor(ledger, cause, COUNTED);
  const written: Reference = await setReference(ledger, { tenant, erp, kind, code, target, by }).catch((error: Error) => {
    if (!(error instanceof ReferenceContended)) throw error;
    throw new Refused(error.message, `${commandLine(`reference list ${kind}`, context.config.stage)}    shows what it is now`, { cause: error });
  });
  await context.sendCause({ cause });
  const waiting = `${next ? 'at least ' : ''}${count(orderKeys.length, 'order')}`;
  const woken = orderKeys.length > 0 ? `${waiting} waited for it and ${orderKeys.length === 1 ? 'goes' : 'go'} on.` : 'No order waited for it.';
  const text = `${tenant}: ${kind} ${code} is ${target} in ERP ${erp} (version ${written.version}). ${woken}`;
  return { view: { reference: written, cause, waited: orderKeys }, text };
}

export function addReference(program: Command): void {
  const references = program.command('reference').description("what a CPQ's codes are called in an ERP");
  const at = (command: Command): Command =>
    command
      .option('--tenant <tenant>', 'tenant (default: the first of the configuration)')
      .option('--erp <erp>', 'ERP instance (default: the one of the catch-all route of the tenant)');
  const kind = (name: string) => new Argument(name, 'kind of code').choices(referenceKind.options);
  at(references.command('list').description('the mappings').addArgument(kind('[kind]'))).action(act(list));
  at(
    references
      .command('set')
      .description('map a code, or correct its mapping: every order that waits for it goes on')
      .addArgument(kind('<kind>'))
      .argument('<code>', 'code in the CPQ')
      .argument('<target>', 'code in the ERP'),
  ).action(act(set));
}
