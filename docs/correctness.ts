import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { patient } from '../config/policies/times.ts';
import { adapterTimeouts } from '../lib/features/quote-to-order.ts';
import type { Scope } from '../test/protocol/explorer/machine.ts';
import { LARGE, MODEL, SMALL } from '../test/protocol/scopes.ts';

const page = join(import.meta.dirname, 'correctness.md');

/** Milliseconds; as lambdas/connectors/erp/tryton says it. */
const TRYTON_MAXIMUM = 31_000;

const allows = ({ revisions, budget, tax, amend, messages, slots }: Scope): string =>
  [
    `${revisions} revision${revisions > 1 ? 's' : ''}`,
    ...Object.entries(budget).map(([event, times]) => `${event} ${times}`),
    ...(tax ? [`tax: ${tax}`] : []),
    ...(amend ? [`amend: ${amend}`] : []),
    ...(messages ? ['messages'] : []),
    ...(slots ? [`${slots} slot`] : []),
  ].join(', ');

const row =
  (where: string) =>
  ([name, scope]: [string, Scope]) =>
    `| ${name} | ${allows(scope)} | ${where} |`;

const scopes = (): string =>
  ['| scope | budget | in |', '|---|---|---|', ...Object.entries(SMALL).map(row('`npm test`')), ...Object.entries(LARGE).map(row('campaigns'))].join(
    '\n',
  );

type Event = keyof Scope['budget'];
type Part = Pick<Scope, 'revisions' | 'budget'>;
const times = ({ budget }: Part, event: string): number => budget[event as Event] ?? 0;
const isIn = (one: Part, other: Part): boolean =>
  one.revisions <= other.revisions && Object.keys(one.budget).every((event) => times(one, event) <= times(other, event));

/** What a scope has of a budget: what it allows may happen or not, so whatever it allows beyond that budget takes nothing away. */
const common = (whole: Part, scope: Scope): Part => {
  const shared = Object.keys(whole.budget).map((event) => [event, Math.min(times(whole, event), times(scope, event))] as const);
  return { revisions: Math.min(whole.revisions, scope.revisions), budget: Object.fromEntries(shared.filter(([, n]) => n > 0)) };
};

/** Messages and amendments are other worlds; where a call may land too early less is asked of every state. */
const sameWorld = (whole: Part, { messages, amend, budget }: Scope): boolean => !messages && !amend && (!budget.early || times(whole, 'early') > 0);

/** The largest parts of a budget of the model, and the pairs of events that meet in none with as many revisions. */
function explored(whole: Scope): string {
  const parts = Object.entries({ ...SMALL, ...LARGE })
    .filter(([, scope]) => sameWorld(whole, scope))
    .map(([name, scope]) => ({ name, part: common(whole, scope) }));
  const all = parts.find(({ part }) => isIn(whole, part));
  if (all) return `whole, in: ${all.name} | none`;
  const largest = parts.filter(({ part }, n) => !parts.some((other, m) => m !== n && isIn(part, other.part) && (m < n || !isIn(other.part, part))));
  const events = Object.keys(whole.budget);
  const pairs = events.flatMap((one, n) => events.slice(n + 1).map((other) => [one, other] as const));
  const never = pairs.filter(
    ([one, other]) => !parts.some(({ part }) => part.revisions === whole.revisions && times(part, one) > 0 && times(part, other) > 0),
  );
  const told = largest.map(({ name, part }) => `${allows(part)} (*${name}*)`);
  return `in parts: ${told.join('; ')} | ${never.map((pair) => pair.join(' with ')).join(', ') || 'none'}`;
}

const model = (): string =>
  [
    '| budget of the model | explored | pairs that meet nowhere with as many revisions |',
    '|---|---|---|',
    ...MODEL.map((one) => `| ${allows(one)} | ${explored(one)} |`),
  ].join('\n');

const windows = (): string => {
  const settle = adapterTimeouts.erp + TRYTON_MAXIMUM / 1000;
  const [first = 0, last = 0] = patient.probes;
  return [
    '| not promised | window |',
    '|---|---|',
    `| that there are never two *drafts*: after a lost answer the second is found and cancelled | at most ${settle} s: ${adapterTimeouts.erp} s of the function, ${TRYTON_MAXIMUM / 1000} s of Tryton |`,
    `| that a vendor keeps its maximum: a call that lands later than that is found by the looks that are owed, or when its own function speaks | until ${first} s and ${last} s after the lookup; of an order with a question that a run would not ask again by itself (\`ERP_REFUSED\`), until it is answered |`,
    `| that a corrected mapping reaches an order that does not wait for it: a run that has read it goes on with what it read | one run, at most ${patient.runTimeout} s |`,
    "| that a cancellation is in time: from confirm's intent on it is a question to a person | one confirm, at most " +
      `${settle} s until its outcome is known |`,
    '| that an order is found in a ledger that lost it: a quote that was accepted after the backup has to be sent again | since the backup |',
    '| that a restored ledger makes no second order: one of a revision more than three above, or more than fifty below, the one that comes back is not looked for | until that quote is sent again |',
  ].join('\n');
};

/** The page with its tables as the code has them. */
export function correctnessPage(text = readFileSync(page, 'utf8')): string {
  const tables: Readonly<Record<string, () => string>> = { scopes, model, windows };
  return text.replaceAll(
    /<!-- (\w+) -->\n[\s\S]*?<!-- end -->/g,
    (_all, name: string) => `<!-- ${name} -->\n${tables[name]?.() ?? ''}\n<!-- end -->`,
  );
}

if (import.meta.main) writeFileSync(page, correctnessPage());
