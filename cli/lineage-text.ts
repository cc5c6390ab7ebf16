import type { QuoteView, RevisionView } from '../lambdas/views/lineage.ts';
import { quoteName, stateText } from '../lambdas/views/text.ts';
import { count, facts, indent, instant, money, plain, relative, table } from './print.ts';

type FactView = RevisionView['facts'][number];

/** What the fact says beside the state: what was decided, why it waits, what stopped it, or what a person should know. */
const noteOf = ({ decision, code, detail, stop, note }: FactView): string =>
  [decision && `${decision.option}: ${decision.reason}`, note, code && `${code}${detail === undefined ? '' : `: ${detail}`}`, stop && `stop: ${stop}`]
    .filter(Boolean)
    .join('; ');

const factsText = (all: readonly FactView[]): string =>
  table(
    ['>#', 'TIME (UTC)', 'EVENT', 'STATE', 'ACTOR', '>RUN', 'EVENT ID', 'NOTE'],
    all.map((fact) => [fact.sequence, instant(fact.at), fact.type, fact.state, fact.actor, fact.run, fact.id, noteOf(fact)]),
  );

const deliveriesText = (all: RevisionView['deliveries'], now: Date): string =>
  table(
    ['SUBSCRIBER', '>ACKNOWLEDGED', '>NEWEST', 'BEHIND', '>ATTEMPTS', 'LAST'],
    all.map((one) => [
      one.subscriber,
      one.acknowledged,
      one.newest,
      one.behind > 0 ? count(one.behind, 'event') : '-',
      one.attempts,
      relative(one.at, now),
    ]),
  );

/** Runs have consecutive numbers: the first and the last name say it all. */
function executionsText(all: RevisionView['executions']): string {
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return 'none yet';
  return first === last ? first.name : `${all.length}: ${first.name} to ${last.name}`;
}

const documentsText = (all: RevisionView['documents']): string | undefined =>
  all.map(({ kind, id, amount, currency, status }) => `${kind} ${id}: ${amount} ${currency}, ${status}`).join('; ') || undefined;

function revisionText(revision: RevisionView, now: Date): string {
  const { erp, waiting, document, chain, next } = revision;
  const about = facts([
    ['order', revision.orderKey],
    ['state', stateText(revision)],
    ['total', `${money({ amount: revision.quote.total, currency: revision.quote.currency })} before tax`],
    [
      'ERP',
      [erp.instance, erp.number && `order ${erp.number}`, erp.reference && `reference ${erp.reference}`, erp.total && `${money(erp.total)} with tax`]
        .filter(Boolean)
        .join(', '),
    ],
    ['documents', documentsText(revision.documents)],
    ['quote document', `s3://${document.bucket}/${document.key}`],
    ['executions', executionsText(revision.executions)],
    ['replaces', revision.predecessor],
    ['replaced by', revision.supersededBy],
    ['amends', revision.amends],
    ['waits for', waiting && `${waiting.code} (${waiting.class}, ${waiting.owner}), due ${relative(waiting.due, now)}`],
    ['what to do', next && [next.cure, next.command].filter(Boolean).join('  ')],
    ['facts', `${revision.facts.length}, ${chain.intact ? 'the chain of hashes is intact' : `the chain of hashes is BROKEN at ${chain.brokenAt}`}`],
  ]);
  const parts = [about, factsText(revision.facts), deliveriesText(revision.deliveries, now)];
  return `Revision ${revision.quote.revision}\n${indent(parts.join('\n\n'))}`;
}

export function lineageText({ quote, revisions }: { quote: QuoteView; revisions: readonly RevisionView[] }, now: Date): string {
  const last = revisions.at(-1);
  const name = last ? quoteName({ quote: { ...last.quote, revision: 1 } }) : quote.id;
  const milestones = Object.entries(quote.milestones).map(([milestone, { at, revision }]) => `${milestone} ${instant(at)} (revision ${revision})`);
  const head = [
    `Quote ${plain(name)} of ${quote.tenant} (${quote.cpq}, ${plain(quote.id)}): ${count(revisions.length, 'accepted revision')}`,
    ...(milestones.length > 0 ? [`In the CPQ: ${milestones.join(', ')} UTC`] : []),
    ...(quote.withdrawnUpTo > 0 ? [`Withdrawn up to revision ${quote.withdrawnUpTo}`] : []),
  ];
  return [head.join('\n'), ...revisions.map((revision) => revisionText(revision, now))].join('\n\n');
}
