import type { ErrorCode } from '../../contracts/errors.ts';
import { optionsOf, type TaskOption } from '../../contracts/tasks.ts';
import type { AnyTask } from '../ledger/tasks.ts';
import { OPTION_TEXTS } from '../views/question.ts';
import { count } from '../views/text.ts';
import { type Content, html } from './html.ts';
import { token } from './page.ts';
import { reasonInput } from './task-forms.ts';
import type { Visitor } from './visitor.ts';

/** Tasks that one form decides at most. */
export const TOGETHER = 100;

/** Answers that mean the same for many orders: no code and no ERP that fits one of them only. */
export const commonOptions = (code: ErrorCode): TaskOption[] => optionsOf(code).filter((option) => option !== 'correct' && option !== 'reroute');

export const TO_CONFIRM = '/tasks/together';

/** Where a list has several questions of one kind: one answer for all, which is shown once more before it counts. */
export function togetherForm(tasks: readonly AnyTask[], code: ErrorCode | undefined, visitor: Visitor | undefined): Content {
  if (!visitor || code === undefined || tasks.length < 2) return undefined;
  const shown = tasks.slice(0, TOGETHER);
  return html`<details class="together" id="together"><summary>Decide ${count(shown.length, 'task')} together</summary><form action="${TO_CONFIRM}" method="post">
${token(visitor.issue(TO_CONFIRM))}<input type="hidden" name="code" value="${code}">${shown.map(({ id }) => html`<input type="hidden" name="task" value="${id}">`)}
<label>Answer<select name="option">${commonOptions(code).map((option) => html`<option value="${option}">${OPTION_TEXTS[option][0]}</option>`)}</select></label>
${reasonInput}<button type="submit">Show what would be decided</button></form></details>`;
}
