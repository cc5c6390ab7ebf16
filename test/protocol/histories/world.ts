import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { everybodyDecides, patientRules } from '../../../config/policies/rules.ts';
import { patient } from '../../../config/policies/times.ts';
import { policy as policyShape } from '../../../contracts/policy.ts';
import type { Step } from '../../../contracts/workflow.ts';
import type { LoadedPolicy } from '../../../lambdas/aws/policy.ts';
import { runStep, type StepAction } from '../../../lambdas/aws/step.ts';
import { type Head, later } from '../../../lambdas/domain/head.ts';
import { raised } from '../../../lambdas/domain/protocol/index.ts';
import { cancelDraft } from '../../../lambdas/functions/quote-to-order/erp/cancel-draft.ts';
import { checkCustomer } from '../../../lambdas/functions/quote-to-order/erp/check-customer.ts';
import { confirmOrder } from '../../../lambdas/functions/quote-to-order/erp/confirm-order.ts';
import { createDraft } from '../../../lambdas/functions/quote-to-order/erp/create-draft.ts';
import type { ErpDeps } from '../../../lambdas/functions/quote-to-order/erp/deps.ts';
import { priceAndShipping } from '../../../lambdas/functions/quote-to-order/erp/price-and-shipping.ts';
import { checkPolicy } from '../../../lambdas/functions/quote-to-order/order/check-policy.ts';
import { complete } from '../../../lambdas/functions/quote-to-order/order/complete.ts';
import type { OrderDeps } from '../../../lambdas/functions/quote-to-order/order/deps.ts';
import { mapProducts } from '../../../lambdas/functions/quote-to-order/order/map-products.ts';
import { settle } from '../../../lambdas/functions/quote-to-order/order/settle.ts';
import { start } from '../../../lambdas/functions/quote-to-order/run/start.ts';
import type { TaxDeps } from '../../../lambdas/functions/quote-to-order/tax/deps.ts';
import { estimateTax } from '../../../lambdas/functions/quote-to-order/tax/estimate-tax.ts';
import { recordTax } from '../../../lambdas/functions/quote-to-order/tax/record-tax.ts';
import { voidTax } from '../../../lambdas/functions/quote-to-order/tax/void-tax.ts';
import { type Admission, createAdmission } from '../../../lambdas/ledger/admission.ts';
import type { RestoreRecord } from '../../../lambdas/ledger/epoch.ts';
import { EPOCH_KEY, headOf } from '../../../lambdas/ledger/keys.ts';
import { createLedger, type Ledger } from '../../../lambdas/ledger/ledger.ts';
import { createSlots } from '../../../lambdas/ledger/slots.ts';
import { memoryDocuments, memoryTable } from '../../unit/table-fixtures.ts';
import { createExecutions } from './executions.ts';
import { wrongWrite } from './monitor.ts';
import { createScheduler, type Process } from './scheduler.ts';
import { createErp, createTax, VENDOR_MAXIMUM_MS, type Faults as VendorFaults } from './vendors.ts';

/** What may still go wrong in this history, beside what the vendors do. */
export interface Faults extends VendorFaults {
  /** A function dies before its next call to the outside. */
  crash: number;
  /** The state machine gives up waiting for a function that goes on. */
  zombie: number;
  /** An execution ends without a word. */
  death: number;
  /** A message is lost, or comes twice. */
  message: number;
  /** A write is done, its answer is lost, and the client's own repeat of it meets what it wrote. */
  echo: number;
}

export const TENANT = 'acme';
export const ERP = 'erp';
/** Where an order goes only if a person sends it there. */
export const OTHER = 'other';
/** As deployed: Lambda kills a function at its timeout. */
const FUNCTION_SECONDS = 50;
const SHARE = 0.06;

/** Lines of this family are approved by two groups, one after the other. */
export const GOVERNED = 'governed';
const approvals = { family: { title: 'Governed products', when: { families: [GOVERNED] }, approvers: ['sales-operations', 'finance'] } };

const policy: LoadedPolicy = {
  ...policyShape.parse({
    tenants: {
      [TENANT]: {
        cpqs: { cpq: { vendor: 'canonical', region: 'EU', businessUnit: 'main' } },
        routes: [
          { region: 'EU', businessUnit: '*', erp: ERP },
          { region: '*', businessUnit: '*', erp: OTHER },
        ],
      },
    },
    erps: {
      [ERP]: { vendor: 'simulator', secretName: 'none', maxInFlight: 2 },
      [OTHER]: { vendor: 'simulator', secretName: 'none', maxInFlight: 2 },
    },
    subscribers: {},
    tax: { sellerCountry: 'DE', ossCountries: [], rates: { DE: '19' } },
    rules: { default: { ...patientRules.default, approvals } },
    owners: everybodyDecides,
    times: patient,
    limits: { eventBytes: 200_000 },
  }),
  hash: 'policy',
};

/** What a function or a person works with: everything that it asks of the outside goes through the scheduler. */
export interface Hands {
  readonly process: Process;
  readonly ledger: Ledger;
  readonly admission: Admission;
  readonly send: (message: { orderKey: string }) => Promise<void>;
}

export interface Options {
  /** A function that stalls is not killed at its timeout: the promise that Lambda gives is broken. */
  readonly immortal?: boolean;
  /** What a test breaks, to see it found out: connectors lie about lost answers, the table looks at no condition, orders are sent elsewhere whatever stands in their ERP, or a restored ledger is read as it stands. */
  readonly broken?: 'answers' | 'conditions' | 'routes' | 'epoch' | undefined;
}

type Command = Parameters<DynamoDBDocumentClient['send']>[0];
const bare = <Write extends object | undefined>(write: Write): Write => write && { ...write, ConditionExpression: undefined };

function unconditional(command: Command): Command {
  if (command instanceof PutCommand) return new PutCommand(bare(command.input)) as unknown as Command;
  if (!(command instanceof TransactWriteCommand)) return command;
  return new TransactWriteCommand({ TransactItems: command.input.TransactItems?.map(({ Put }) => ({ Put: bare(Put) })) }) as unknown as Command;
}

export type World = ReturnType<typeof createWorld>;

/** The real ledger and the real functions of quote-to-order over a table, an ERP and a tax provider in memory. */
export function createWorld(seed: number, faults: Faults, { immortal = false, broken }: Options = {}) {
  const scheduler = createScheduler(seed);
  const table = memoryTable();
  const { documents } = memoryDocuments();
  const erp = createErp({ scheduler, faults, lies: broken === 'answers' });
  const tax = createTax({ scheduler, faults });
  const failures: unknown[] = [];
  const violations: string[] = [];

  const happens = (fault: keyof Faults, share = SHARE): boolean => {
    if (faults[fault] === 0 || !scheduler.chance(share)) return false;
    faults[fault] -= 1;
    return true;
  };

  let restored: RestoreRecord | undefined;
  const headsByKey = (): Map<string, Head> =>
    new Map(
      [...table.items.values()].flatMap((item) =>
        item.sk === 'HEAD' && String(item.pk).startsWith('O#') ? [[item.pk as string, raised(headOf(item), restored)]] : [],
      ),
    );
  /** HEADs as they stood after the last write. */
  let known = new Map<string, Head>();
  function watch(): void {
    const heads = headsByKey();
    const now = scheduler.now().toISOString();
    for (const [key, head] of heads) {
      if (known.get(key)?.version === head.version) continue;
      const lower = [...heads.values()]
        .filter(({ quote }) => quote.id === head.quote.id && quote.revision < head.quote.revision)
        .sort((a, b) => b.quote.revision - a.quote.revision);
      violations.push(...wrongWrite(known.get(key), head, lower, now));
    }
    known = heads;
  }

  /** The ledger is lost, with everybody who is at work, and comes back as it was in a backup; from then on it is read as old. */
  function restore(items: ReadonlyMap<string, Record<string, unknown>>): void {
    scheduler.killAll();
    // Slots are in a table of their own.
    for (const [key, { pk }] of table.items) if (pk !== undefined) table.items.delete(key);
    for (const [key, item] of items) table.items.set(key, structuredClone(item));
    const at = scheduler.now().toISOString();
    const runsFrom = later(at, FUNCTION_SECONDS + VENDOR_MAXIMUM_MS / 1000);
    restored = { epoch: 1, at, runsFrom, by: 'ops', reason: 'lost', status: 'done' };
    if (broken === 'epoch') restored = undefined;
    else table.put({ ...EPOCH_KEY, version: 1, all: restored, tenants: {} });
    known = headsByKey();
  }

  function clientOf(process: Process): DynamoDBDocumentClient {
    const send = async (asked: Command) => {
      let command = asked;
      await scheduler.gate(process);
      if (broken === 'conditions') command = unconditional(command);
      const answer = await table.client.send(command);
      watch();
      if (command instanceof PutCommand && command.input.ConditionExpression && happens('echo'))
        throw new ConditionalCheckFailedException({ message: 'the repeat of a write met that write', $metadata: {} });
      return answer;
    };
    return { send } as unknown as DynamoDBDocumentClient;
  }

  function hands(process: Process): Hands {
    const client = clientOf(process);
    const ledger = createLedger({ client, table: 'ledger', now: scheduler.now, pause: () => scheduler.gate(process) });
    const send = async ({ orderKey }: { orderKey: string }): Promise<void> => {
      await scheduler.gate(process);
      if (happens('message')) return;
      message(orderKey);
      if (happens('message')) message(orderKey);
    };
    const slots = createSlots({ client, table: 'runtime', now: scheduler.now });
    const admission = createAdmission({ ledger, slots, policy, send, random: () => scheduler.draw(1000) / 1000 });
    return { process, ledger, admission, send };
  }

  /** Something that happens beside everything else. What it throws is kept: nothing may throw what is not expected. */
  function begin(
    name: string,
    work: (hands: Hands) => Promise<unknown>,
    failed: (error: unknown) => void = (error) => failures.push(error),
  ): Process {
    const process = scheduler.process(name);
    void scheduler
      .gate(process)
      .then(() => work(hands(process)))
      .catch(failed);
    return process;
  }

  /** As a queue does, and a person: what fails is tried again. */
  function insist(name: string, work: (hands: Hands) => Promise<unknown>): void {
    begin(name, work, () => scheduler.at(scheduler.now().getTime() + 30_000, () => insist(name, work)));
  }

  /** The queue of runs: what fails or dies comes again. */
  function message(orderKey: string): void {
    const again = () => message(orderKey);
    const starter = begin(
      `starter of ${orderKey}`,
      (own) => start({ ...own, policy, executions: executions.of(own.process) }, orderKey),
      () => scheduler.at(scheduler.now().getTime() + 60_000, again),
    );
    if (happens('crash')) starter.onCall = dying(starter, () => scheduler.at(scheduler.now().getTime() + 60_000, again));
  }

  /** Dies before one of its next calls. */
  const dying = (process: Process, then: () => void) => {
    const last = process.calls + 1 + scheduler.draw(8);
    return () => {
      if (process.calls < last || process.dead) return;
      process.dead = true;
      then();
    };
  };

  function actionsOf({ ledger, admission, send }: Hands, process: Process, until: () => number): Record<Step, StepAction<object | undefined>> {
    const deps = { ledger, documents, policy };
    const erpDeps: ErpDeps = { ...deps, erpOf: async (name) => erp.portOf(name, process, until), tax: tax.portOf(process, until) };
    const taxDeps: TaxDeps = { ...deps, tax: tax.portOf(process, until) };
    const orderDeps: OrderDeps = { ...deps, admission, send };
    return {
      'check-customer': checkCustomer(erpDeps),
      'map-products': mapProducts(orderDeps),
      'price-and-shipping': priceAndShipping(erpDeps),
      'estimate-tax': estimateTax(taxDeps),
      'check-policy': checkPolicy(orderDeps),
      'create-draft': createDraft(erpDeps),
      'record-tax': recordTax(taxDeps),
      'confirm-order': confirmOrder(erpDeps),
      complete: complete(orderDeps),
      settle: settle(orderDeps),
      'void-tax': voidTax(taxDeps),
      'cancel-draft': cancelDraft(erpDeps),
    };
  }

  /** One invocation of a step. The answer is what the state machine sees: it may give up while the function goes on. */
  function invoke(action: Step, input: { orderKey: string; run: number }, error: string | undefined): Promise<object> {
    const process = scheduler.process(action);
    for (const observe of observers) observe(process, action);
    const end = scheduler.now().getTime() + FUNCTION_SECONDS * 1000;
    const context = { getRemainingTimeInMillis: () => end - Date.now() } as Context;
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    const gone = (name: string) => () => reject(Object.assign(new Error(name), { name }));
    const step = actionsOf(hands(process), process, () => end)[action];
    void scheduler
      .gate(process)
      .then(() => runStep(hands(process).ledger, { ...input, action, error }, context, step, { next: 'stop' }))
      .then((answer) => resolve(answer ?? {}), reject);
    if (happens('crash')) process.onCall = dying(process, gone('Runtime.ExitError'));
    else if (happens('zombie')) {
      const last = scheduler.draw(8);
      const name = scheduler.chance(0.5) ? 'States.Timeout' : 'Lambda.Unknown';
      process.onCall = () => process.calls > last && gone(name)();
    }
    const onTime = scheduler.at(end, () => {
      if (!immortal) process.dead = true;
      gone('States.Timeout')();
    });
    promise.then(onTime, onTime);
    return promise;
  }
  /** Told of each invocation of a step, before it begins. */
  const observers: ((process: Process, action: Step) => void)[] = [];

  const executions = createExecutions({ scheduler, invoke, dies: () => happens('death') });

  return {
    broken,
    faults,
    scheduler,
    table,
    documents,
    erp,
    tax,
    policy,
    executions,
    restore,
    begin,
    insist,
    message,
    happens,
    failures,
    violations,
    observers,
  };
}
