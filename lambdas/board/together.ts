import { type AnyTask, findTask, isShared } from '../ledger/tasks.ts';
import { moneyOf } from '../views/overview.ts';
import { OPTION_TEXTS, offeredToMany } from '../views/question.ts';
import { count, money, quoteName } from '../views/text.ts';
import { said } from './decide.ts';
import type { BoardDeps } from './deps.ts';
import { type Html, html } from './html.ts';
import { token } from './page.ts';
import { ago, badge, sums, table } from './parts.ts';
import { BadQuery, decision, parse } from './query.ts';
import { each } from './reads.ts';
import { message, type Shown } from './response.ts';
import type { Sent } from './routes.ts';
import { TO_CONFIRM, TOGETHER } from './together-form.ts';
import { type Form, field } from './visitor.ts';

export const TO_DECIDE = `${TO_CONFIRM}/decide`;

const back = html`<p><a href="/tasks">All tasks</a></p>`;

type Own = Extract<AnyTask, { readonly orderKey: string }>;

/** What a form names, as `ID` or `ID@OPENED`. */
const ticked = (form: Form): { readonly id: string; readonly openedAt: string | undefined }[] =>
  [...new Set(form.task ?? [])].slice(0, TOGETHER).map((text) => {
    const [id = '', openedAt] = text.split('@');
    return { id, openedAt };
  });

/** The open questions about one order each that a form names. */
async function named({ ledger }: BoardDeps, form: Form): Promise<Own[]> {
  const tasks = await each(ticked(form), ({ id }) => findTask(ledger, id));
  return tasks.flatMap((task) => (task && task.state === 'open' && !isShared(task) ? [task] : []));
}

const answerOf = (form: Form) => parse(decision, { option: field(form, 'option'), reason: field(form, 'reason') });

/** Of a form that is not complete a page says what is missing. */
async function orSay(work: () => Promise<Shown>): Promise<Shown> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BadQuery)) throw error;
    return message(400, 'The answer is not complete', [html`<p role="alert">${error.lines.join(' ')}</p>`, back]);
  }
}

/** What would be decided, before it is: each task can be left out. Decides nothing. */
export const confirmTogether = ({ deps, form, visitor, now }: Sent): Promise<Shown> =>
  orSay(async () => {
    const { option, reason } = answerOf(form);
    const tasks = await named(deps, form);
    if (tasks.length === 0) return message(410, 'None of them is open any more', back);
    const [name] = OPTION_TEXTS[option];
    const columns = [{ title: 'Task' }, { title: 'Worth', number: true }, { title: 'What is asked' }, { title: 'Due' }];
    const rows = tasks.map((task) => [
      html`<label class="pick"><input type="checkbox" name="task" value="${task.id}@${task.openedAt}" checked> ${quoteName(task)}</label>`,
      money({ amount: task.quote.total, currency: task.quote.currency }),
      [html`<a href="/tasks/${task.id}">${task.code}</a>`, task.detail && html`<br><span class="small soft">${task.detail}</span>`],
      ago(task.dueAt, now),
    ]);
    return {
      title: `${name}: ${count(tasks.length, 'task')}?`,
      at: 'tasks',
      content: html`<section aria-label="To be confirmed"><p>${offeredToMany(option, tasks)} Reason: <q>${reason}</q></p><p>Together they are worth ${sums(moneyOf(tasks))}</p>
<form class="confirm" action="${TO_DECIDE}" method="post">${token(visitor.issue(TO_DECIDE))}<input type="hidden" name="option" value="${option}"><input type="hidden" name="reason" value="${reason}">
${table({ id: 'confirm-table', caption: 'Tasks that would be decided', columns, rows })}<button type="submit">${name}: decide what is ticked</button> <a href="/tasks">Decide nothing</a></form></section>`,
    };
  });

interface Result {
  readonly id: string;
  readonly name: string;
  readonly done: boolean;
  readonly why: Html;
}

/** One after the other, each as if it were alone: what cannot be decided, or fails, does not keep the others from it. */
async function decideEach({ deps, form, visitor, now, failed }: Sent): Promise<Result[]> {
  const { option, reason } = answerOf(form);
  const results: Result[] = [];
  for (const { id, openedAt } of ticked(form)) {
    try {
      const task = await findTask(deps.ledger, id);
      const told = said(await deps.decide({ task: id, openedAt, option, reason, by: visitor.actor }), visitor, now);
      const name = task && !isShared(task) ? quoteName(task) : id;
      results.push({ id, name, done: told === undefined, why: told ? html`${told.title}. ${told.text}` : html`${OPTION_TEXTS[option][0]}` });
    } catch (error) {
      failed(error);
      const why = html`${(error as Error).name}. Its task shows what came of it; if it is open, answer it there.`;
      results.push({ id, name: id, done: false, why });
    }
  }
  return results;
}

export const decideTogether = (sent: Sent): Promise<Shown> =>
  orSay(async () => {
    if (sent.repeated)
      return message(409, 'This form was sent already', [html`<p role="alert">Nothing was done again. The tasks show what came of it.</p>`, back]);
    const results = await decideEach(sent);
    const done = results.filter((result) => result.done).length;
    const rows = results.map(({ id, name, done, why }) => [html`<a href="/tasks/${id}">${name}</a>`, badge(done ? 'decided' : 'not decided'), why]);
    const list = table({
      id: 'results-table',
      caption: 'What came of it',
      columns: [{ title: 'Task' }, { title: 'Result' }, { title: 'What' }],
      rows,
    });
    return {
      title: `${done} of ${count(results.length, 'task')} decided`,
      at: 'tasks',
      content: html`<section aria-label="What came of it">${results.length > 0 ? list : html`<p>Nothing was ticked.</p>`}${back}</section>`,
    };
  });
