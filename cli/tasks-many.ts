import { setTimeout as pause } from 'node:timers/promises';
import type { TaskOption } from '../contracts/tasks.ts';
import { type AnyTask, answersTo, findTask, ordersBehind } from '../lambdas/ledger/tasks.ts';
import { moneyOf } from '../lambdas/views/overview.ts';
import { offeredToMany } from '../lambdas/views/question.ts';
import { seenOf, type TaskView } from '../lambdas/views/task.ts';
import type { Output } from './command.ts';
import { confirmed } from './confirm.ts';
import type { Context } from './context.ts';
import { count, facts, money } from './print.ts';
import { answerTo, type DecideOptions, sharedBy } from './tasks-answer.ts';
import { viewOf, wanted } from './tasks-find.ts';
import { askedText } from './tasks-seen.ts';
import { tasksTable } from './tasks-text.ts';

/** Tasks that a confirmation shows; of the others it has the sums. */
const SHOWN = 20;

/** Nobody gives or refuses an approval that they have not seen: the confirmation shows all of these. */
const JUDGED: readonly TaskOption[] = ['approve', 'reject'];

const LIMITS = {
  /** Tasks that one command answers at most. */
  atOnce: 1000,
  /** Milliseconds between two answers: each starts runs. */
  paceMs: 100,
};

/** The tasks that a filter means: those that are answered now, and those that are not, because there are too many or they have no such answer. */
interface Meant {
  readonly all: number;
  readonly now: readonly AnyTask[];
  readonly later: number;
  readonly without: number;
}

function meantBy(tasks: readonly AnyTask[], option: TaskOption, atOnce: number): Meant {
  const fitting = tasks.filter((task) => answersTo(task).includes(option));
  const now = fitting.slice(0, atOnce);
  return { all: tasks.length, now, later: fitting.length - now.length, without: tasks.length - fitting.length };
}

/** What the filter means and is not decided, and what to do about it. */
const leftText = ({ now, later, without }: Meant, option: TaskOption): string[] => [
  ...(later > 0
    ? [
        `${later} more ${later === 1 ? 'is' : 'are'} left: one command decides ${now.length}, those that are due first. Give it again for the others, or a narrower filter.`,
      ]
    : []),
  ...(without > 0
    ? [`${count(without, 'task')} without the answer "${option}" ${without === 1 ? 'is' : 'are'} left as ${without === 1 ? 'it is' : 'they are'}.`]
    : []),
];

/** Orders that wait for the answers, and what they are worth. */
async function ordersText(context: Context, tasks: readonly AnyTask[]): Promise<string> {
  const { orders, more } = await ordersBehind(context.ledger, tasks);
  const sums = moneyOf(orders).map(money).join(', ');
  return `${more ? 'at least ' : ''}${orders.length}${sums && `, ${sums} before tax`}`;
}

/** How many of each code, the most frequent first. */
const codesText = (tasks: readonly AnyTask[]): string =>
  [...Map.groupBy(tasks, ({ code }) => code)]
    .map(([code, of]) => ({ code, n: of.length }))
    .sort((a, b) => b.n - a.n)
    .map(({ code, n }) => `${n} ${code}`)
    .join(', ');

/** What would be decided, before it is. */
async function meantText(context: Context, meant: Meant, option: TaskOption, reason: string): Promise<string> {
  const { now } = meant;
  const shown = JUDGED.includes(option) ? now : now.slice(0, SHOWN);
  const views: TaskView[] = [];
  for (const task of shown) views.push(await viewOf(context, task));
  const sums = facts([
    ['tasks', `${now.length}${meant.all > now.length ? ` of ${meant.all}` : ''}: ${codesText(now)}`],
    ['orders', await ordersText(context, now)],
    ['answer', `${option}: ${offeredToMany(option, now)}`],
    ['reason', reason],
  ]);
  const more = now.length > shown.length ? [`... and ${now.length - shown.length} more`] : [];
  return [tasksTable(views, new Date(), shown.map(askedText)), ...more, '', sums, ...leftText(meant, option)].join('\n');
}

interface Given {
  readonly task: string;
  readonly answer: string;
  readonly ok: boolean;
  readonly text: string;
}

/** The answer to one of many, as it was shown; what cannot be answered just now does not keep the others from it. */
async function given(context: Context, task: AnyTask, option: TaskOption, options: DecideOptions): Promise<Given> {
  try {
    const now = JUDGED.includes(option) ? await findTask(context.ledger, task.id) : task;
    if (now?.state === 'open' && seenOf(now) !== seenOf(task))
      return { task: task.id, answer: 'asked anew', ok: false, text: `Task ${task.id}: not decided: it was asked anew since it was shown` };
    const { answer, ok, text } = await answerTo(context, task, option, options, await sharedBy(context, task));
    return { task: task.id, answer: answer.answer, ok, text };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { task: task.id, answer: 'failed', ok: false, text: `Task ${task.id}: failed: ${why}` };
  }
}

/** One answer to all tasks that the filter means: what it would do first, then one after the other. */
export async function decideMany(
  context: Context,
  options: DecideOptions,
  option: TaskOption,
  { atOnce, paceMs }: typeof LIMITS = LIMITS,
): Promise<Output> {
  const meant = meantBy(await wanted(context, options), option, atOnce);
  if (meant.all === 0) return { view: { decided: [], meant: 0 }, text: 'No open task is meant: nothing is decided.' };
  if (meant.now.length > 0 && !options.yes) await confirmed(context, await meantText(context, meant, option, options.reason));
  const decided: Given[] = [];
  for (const task of meant.now) {
    decided.push(await given(context, task, option, options));
    await pause(paceMs);
  }
  const done = decided.filter(({ ok }) => ok).length;
  const lines = [...decided.map(({ text }) => text), '', `${done} of ${count(meant.all, 'task')} decided.`, ...leftText(meant, option)];
  return { view: { decided, meant: meant.all }, text: lines.join('\n').trimStart(), ok: done === meant.all };
}
