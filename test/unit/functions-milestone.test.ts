import { expect, test } from 'vitest';
import { patientRules } from '../../config/policies/rules.ts';
import { rules } from '../../contracts/rules.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import type { RunDeps } from '../../lambdas/functions/quote-to-order/run/deps.ts';
import { dispatch } from '../../lambdas/functions/quote-to-order/run/dispatch.ts';
import { accepted, active, inSeconds, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const orderKey = orderKeyOf('acme', 'salesforce', 'q', 1);
const waiting: Head = {
  ...accepted,
  orderKey,
  wait: { kind: 'person', code: 'CPQ_APPROVAL_MISSING', since: NOW, times: 1 },
  dueAt: inSeconds(3600),
  sweepAt: inSeconds(3600),
};

/** What the milestone of this revision does to the order. @param mirrored the function died when QUOTE had it */
async function after(
  head: Head,
  type: string,
  revision = 1,
  cpqApproval = 'required',
  mirrored = false,
): Promise<{ due: boolean; milestones: object }> {
  const memory = ledgerWith([head]);
  if (mirrored) await memory.ledger.milestone('acme', 'salesforce', 'q', 'approved', revision, NOW);
  const policy = {
    erps: { erp: {} },
    hash: 'p',
    times: { lookAgain: 60 },
    rules: rules.parse({ default: { ...patientRules.default, cpqApproval } }),
  };
  const admission = { acquire: async () => undefined };
  const executions = { ensure: async () => 'running' };
  const deps = { ledger: memory.ledger, policy, admission, executions, send: async () => undefined } as unknown as RunDeps;
  const quote = { cpq: 'salesforce', id: 'q', revision };
  const detail = { specversion: '1.0', id: 'e', source: 's', type, time: NOW, tenant: 'acme', data: { quote, at: NOW } };
  await dispatch(deps, { 'detail-type': type, detail });
  const { dueAt } = (await memory.ledger.read(orderKey)) as Head;
  return { due: dueAt !== head.dueAt, milestones: (await memory.ledger.readQuote('acme', 'salesforce', 'q')).milestones };
}

test('an approval of the CPQ that comes late has the order go on that waits for it', async () => {
  expect(await after(waiting, 'quote.approved.v1')).toEqual({ due: true, milestones: { approved: { at: NOW, revision: 1 } } });
});

test('so does one that was mirrored before: a function died before it had the order go on', async () => {
  expect((await after(waiting, 'quote.approved.v1', 1, 'required', true)).due).toBe(true);
});

test('it is news for a run that may have looked for it already', async () => {
  expect((await after({ ...active, orderKey }, 'quote.approved.v1')).due).toBe(true);
  expect((await after({ ...active, orderKey, state: 'confirmed' }, 'quote.approved.v1')).due).toBe(false);
});

test('so does a rejection, for the question to say so: an approval of a person was not of that', async () => {
  expect(await after(waiting, 'quote.rejected.v1')).toEqual({ due: true, milestones: { rejected: { at: NOW, revision: 1 } } });
});

test('nothing else wakes it: another milestone, another revision, an order that waits for something else, a policy that does not ask', async () => {
  expect((await after(waiting, 'quote.submitted.v1')).due).toBe(false);
  expect((await after(waiting, 'quote.approved.v1', 2)).due).toBe(false);
  expect((await after({ ...waiting, wait: { ...waiting.wait, code: 'ERP_REFUSED' } as Head['wait'] }, 'quote.approved.v1')).due).toBe(false);
  expect((await after(waiting, 'quote.approved.v1', 1, 'ignored')).due).toBe(false);
});
