import type { TaskOption } from '../../contracts/tasks.ts';
import type { Head } from '../domain/head.ts';
import { memberOf, membersText } from '../domain/owners.ts';
import { erpsOf } from '../domain/rules.ts';
import { type AnyTask, answersTo, isShared } from '../ledger/tasks.ts';
import { OPTION_TEXTS, offeredTexts, type Waiting } from '../views/question.ts';
import { mappedBy } from '../views/task.ts';
import type { BoardDeps } from './deps.ts';
import { type Content, type Html, html } from './html.ts';
import { token } from './page.ts';
import { address } from './parts.ts';
import type { Visitor } from './visitor.ts';

export const reasonInput = html`<label class="grow">Reason, kept with the order<input name="reason" required maxlength="300" autocomplete="off"></label>`;

/** What a question is about: one order, or those that wait for its cause. */
interface Subject {
  readonly head: Head | undefined;
  readonly waiting: Waiting | undefined;
}

/** What an answer needs besides a reason. */
function needs(option: TaskOption, task: AnyTask, head: Head | undefined, { policy }: BoardDeps): Content {
  if (option === 'correct') {
    const { kind, erp, code } = mappedBy(task);
    return html`<label>Code of the ${kind} in ERP ${erp}, for ${code}<input name="target" required maxlength="128" autocomplete="off" spellcheck="false"></label>`;
  }
  if (option !== 'reroute') return undefined;
  const from = isShared(task) ? mappedBy(task).erp : head?.route.erp;
  const others = erpsOf(policy, task.tenant).filter((erp) => erp !== from);
  return html`<label>ERP<select name="to" required>${others.map((erp) => html`<option>${erp}</option>`)}</select></label>`;
}

function followsText(option: TaskOption, follows: string, task: AnyTask, { codesLink }: BoardDeps): Content {
  const { kind, erp } = mappedBy(task);
  const link = option === 'correct' ? codesLink(erp, kind) : undefined;
  return [follows, link && html` <a href="${link.href}" rel="noreferrer">The codes of the ERP</a>. ${link.note}`];
}

/** One form for each answer; the instant when the question was asked goes with it, so that nobody answers another one by mistake. */
function optionForm(option: TaskOption, task: AnyTask, { head, waiting }: Subject, deps: BoardDeps, visitor: Visitor): Html {
  const [name, follows] = offeredTexts(option, task, waiting);
  const action = `/tasks/${task.id}/decide`;
  return html`<li><h3 id="option-${option}">${name}</h3><p class="small soft">${followsText(option, follows, task, deps)}</p><form action="${action}" method="post" aria-labelledby="option-${option}">
${token(visitor.issue(action))}<input type="hidden" name="option" value="${option}"><input type="hidden" name="openedAt" value="${task.openedAt}">
${needs(option, task, head, deps)}${reasonInput}<button type="submit">${name}</button></form></li>`;
}

function assignForm({ id, assignee }: AnyTask, visitor: Visitor): Html {
  const action = `/tasks/${id}/assign`;
  const mine = assignee === visitor.actor;
  return html`<form action="${action}" method="post">${token(visitor.issue(action))}<input type="hidden" name="to" value="${mine ? 'nobody' : 'me'}">
<button type="submit">${mine ? 'Give it back' : 'Assign to me'}</button></form>`;
}

/** The answers that this visitor can give. Whoever may not answer is told who may. */
export function formsPart(task: AnyTask, subject: Subject, deps: BoardDeps, visitor: Visitor | undefined): Content {
  const options = answersTo(task);
  const names = options.map((option) => OPTION_TEXTS[option][0]).join(', ');
  if (!visitor)
    return html`<p>It can be answered with: ${names}.</p><p><a href="${address('/login', { next: `/tasks/${task.id}` })}">Log in to decide</a></p>`;
  if (memberOf(deps.policy, task.owner, visitor.actor) === undefined)
    return html`<p>You are ${visitor.actor}, and ${task.owner} is asked: ${membersText(deps.policy, task.owner)}. The answers are: ${names}.</p>`;
  return [html`<ul class="options">${options.map((option) => optionForm(option, task, subject, deps, visitor))}</ul>`, assignForm(task, visitor)];
}
