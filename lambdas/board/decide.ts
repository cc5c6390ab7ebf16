import type { Decided } from '../domain/waiting.ts';
import { assignTask, findTask, isShared } from '../ledger/tasks.ts';
import { OPTION_TEXTS } from '../views/question.ts';
import type { BoardDeps } from './deps.ts';
import { type Content, type Html, html } from './html.ts';
import { when } from './parts.ts';
import { BadQuery, decision, parse } from './query.ts';
import { message, type Shown } from './response.ts';
import type { Sent } from './routes.ts';
import { field, type Visitor } from './visitor.ts';

type Answered = Awaited<ReturnType<BoardDeps['decide']>>;

/** What came of an answer that decided nothing, for the person who gave it. */
export interface Said {
  readonly status: number;
  readonly title: string;
  readonly text: Content;
}

const decidedText = ({ option, by, at, reason }: Decided, now: Date): Html =>
  html`${OPTION_TEXTS[option][0]}, by ${by}, ${when(at, now)}: <q>${reason}</q>`;

/** Undefined: it is decided. */
export function said(answered: Answered, { actor }: Visitor, now: Date): Said | undefined {
  const conflict = (title: string, text: Content, status = 409): Said => ({ status, title, text });
  switch (answered.answer) {
    case 'decided':
    case 'approved in part':
      return undefined;
    case 'already decided': {
      const who = answered.decided.by === actor ? 'You have decided this already' : `${answered.decided.by} has decided this already`;
      return conflict(who, html`What counts is: ${decidedText(answered.decided, now)}.`);
    }
    case 'too late':
      return conflict('It is too late', html`Nobody had answered in time, and the policy decided: ${decidedText(answered.decided, now)}.`, 410);
    case 'not open any more':
      return conflict('The question is not open any more', html`Nothing was changed: ${answered.why}.`, 410);
    case 'not allowed':
      return conflict(
        'This answer is not among those that the question has',
        html`Nothing was changed. It can be answered with: ${answered.options.map((option) => OPTION_TEXTS[option][0]).join(', ')}.`,
      );
    case 'not authorised':
      return conflict('You may not decide this', html`Nothing was changed: ${answered.why}.`, 403);
    case 'not possible':
      return conflict('This cannot be done', html`Nothing was changed: ${answered.why}.`);
    case 'only corrected': {
      const { what, instead } = answered;
      const how = 'decided' in instead ? decidedText(instead.decided, now) : 'why' in instead ? instead.why : instead.answer;
      return conflict('Only the customer link was corrected', html`${what}, and that stays. The question went another way meanwhile: ${how}.`);
    }
    case 'unknown':
      return conflict('No such task', html`The ledger has no such task.`, 404);
  }
}

const refusal = ({ status, title, text }: Said, id: string): Shown =>
  message(status, title, html`<p role="alert">${text}</p><p><a href="/tasks/${id}">The task</a> · <a href="/tasks">All tasks</a></p>`, {
    at: 'tasks',
  });

/** The same form once more: whatever came of it the first time stands in the ledger. */
async function sentBefore({ deps, parts: [id = ''], visitor, now }: Sent): Promise<Shown> {
  const task = await findTask(deps.ledger, id);
  if (!task) return refusal({ status: 404, title: 'No such task', text: 'The ledger has no such task.' }, id);
  const closed = isShared(task) ? task.decided : task.closed;
  const { option, reason = '' } = closed ?? {};
  if (task.state === 'closed' && closed && option) {
    const decided = { task: id, code: task.code, option, by: closed.by, at: closed.at, reason };
    const told = said({ answer: 'already decided', decided }, visitor, now);
    if (told) return refusal(told, id);
  }
  return refusal({ status: 409, title: 'This form was sent already', text: 'Nothing was done again. The task shows what came of it.' }, id);
}

/** What is wrong with what was filled in. */
function wrong(error: unknown, id: string): Shown {
  if (!(error instanceof BadQuery)) throw error;
  return refusal({ status: 400, title: 'The answer is not complete', text: error.lines.join(' ') }, id);
}

/** Hands on what a person has decided about one question. */
export async function decideForm(sent: Sent): Promise<Shown> {
  const {
    deps,
    parts: [id = ''],
    visitor,
    form,
    now,
    repeated,
  } = sent;
  if (repeated) return sentBefore(sent);
  const given = (name: string) => field(form, name) || undefined;
  try {
    const { option, reason } = parse(decision, { option: given('option'), reason: given('reason') });
    const answered = await deps.decide({
      task: id,
      option,
      reason,
      by: visitor.actor,
      openedAt: given('openedAt'),
      target: given('target')?.trim(),
      to: given('to'),
    });
    const told = said(answered, visitor, now);
    return told ? refusal(told, id) : { location: `/tasks/${id}` };
  } catch (error) {
    return wrong(error, id);
  }
}

/** Says who looks after a question: whoever asks, or nobody again. */
export async function assignForm({ deps, parts: [id = ''], visitor, form }: Sent): Promise<Shown> {
  const by = visitor.actor;
  const gives = field(form, 'to') === 'nobody';
  const to = gives ? { to: undefined, by, reason: 'given back on the board' } : { to: by, by, reason: 'taken on the board' };
  const answer = await assignTask(deps.ledger, deps.policy, id, to);
  if (answer === 'assigned') return { location: `/tasks/${id}` };
  if (typeof answer === 'object') return refusal({ status: 403, title: 'You may not take this', text: `${answer.why}.` }, id);
  if (answer === 'unknown') return refusal({ status: 404, title: 'No such task', text: 'The ledger has no such task.' }, id);
  return refusal({ status: 410, title: 'The question is not open any more', text: 'Nothing was changed.' }, id);
}
