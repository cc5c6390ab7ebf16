import { type Command, Option } from 'commander';
import { ERRORS } from '../contracts/errors.ts';
import { OWNER_GROUPS, TASK_OPTIONS, type TaskOption } from '../contracts/tasks.ts';
import { assignTask } from '../lambdas/ledger/tasks.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { offeredTexts } from '../lambdas/views/question.ts';
import { type TaskView, taskView } from '../lambdas/views/task.ts';
import { act, type Output } from './command.ts';
import { confirmed } from './confirm.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { option as parse } from './replay-function.ts';
import { answerTo, type DecideOptions, sharedBy } from './tasks-answer.ts';
import { actorIn, type Filter, mustBeMeant, mustBeTask, viewOf, waitingOn, wanted } from './tasks-find.ts';
import { decideMany } from './tasks-many.ts';
import { askedText, mustBeSeen } from './tasks-seen.ts';
import { tasksText, taskText } from './tasks-text.ts';

async function list(context: Context, filter: Filter): Promise<Output> {
  const tasks: TaskView[] = [];
  for (const task of await wanted(context, filter)) tasks.push(await viewOf(context, task));
  return { view: { tasks }, text: tasksText(tasks, new Date(), context.config.stage) };
}

/** One question with the facts to decide it: what the ledger has, and the quote of the first order that waits. */
export async function show(context: Context, _options: object, id: string): Promise<Output> {
  const found = await mustBeTask(context, id);
  const waiting = await waitingOn(context, found);
  const now = new Date();
  const task = taskView(found, waiting, context.config.policy, context.defaults, now);
  const [head] = waiting.heads;
  const quote = head && (await context.documents.readQuote(head.document).catch((error: Error) => error));
  return { view: { task, quote: quote instanceof Error ? undefined : quote }, text: taskText(task, now, context.config.stage, quote) };
}

/** What is done to all orders that wait, and not simply taken back: it is confirmed. */
const FOR_GOOD: readonly TaskOption[] = ['cancel', 'reroute'];

async function decideOne(context: Context, options: DecideOptions, id: string, option: TaskOption): Promise<Output> {
  const task = await mustBeMeant(context, id);
  mustBeSeen(task, option, options.seen, context.config.stage);
  const shared = await sharedBy(context, task);
  if (shared && task.state === 'open' && FOR_GOOD.includes(option) && !options.yes)
    await confirmed(context, `${askedText(task)}\n${offeredTexts(option, task, shared)[1]} Reason: ${options.reason}`);
  const { answer, ok, text } = await answerTo(context, task, option, options, shared);
  if (!ok) throw new Refused(`${text}.`, `${commandLine(`tasks show ${task.id}`, context.config.stage)}    shows how it stands`);
  return { view: { task: task.id, ...answer }, text: `${askedText(task)}\n${text}` };
}

const isOption = (text: string | undefined): text is TaskOption => (TASK_OPTIONS as readonly (string | undefined)[]).includes(text);

/** A filter beside a task would be ignored, and the answer given to a task that it does not mean; so would what belongs to one task beside a filter. @throws {Usage} */
function mustBeOneOrMany([, second]: readonly string[], { owner, code, tenant, overdue, mine, target, seen }: DecideOptions): void {
  const filters = '--code, --owner, --tenant, --overdue, --mine';
  const isFilter = (owner ?? code ?? tenant ?? overdue ?? mine) !== undefined;
  if (second !== undefined && isFilter) throw new Usage(`Name a task, or say which with ${filters}: not both.`);
  if (second === undefined && !isFilter) throw new Usage(`Name a task, or say which: ${filters}.`);
  if (second !== undefined) return;
  if (target !== undefined) throw new Usage('--target belongs to one task: each code has its own.');
  if (seen !== undefined) throw new Usage('--seen is the mark of one task: what a filter means is shown as a whole, to be confirmed.');
}

/** Answers one task, or all that the filter means. @throws {Usage} */
export async function decide(context: Context, options: DecideOptions, first: string, second?: string): Promise<Output> {
  const option = second ?? first;
  if (!isOption(option)) throw new Usage(`"${option}" is no answer; answers are ${TASK_OPTIONS.join(', ')}.`);
  if (second !== undefined) return decideOne(context, options, first, option);
  return decideMany(context, options, option);
}

export async function assign(context: Context, { reason, as }: Pick<DecideOptions, 'reason' | 'as'>, id: string, person: string): Promise<Output> {
  const { stage, policy } = context.config;
  const task = await mustBeMeant(context, id);
  const to = person === 'nobody' ? undefined : person;
  const answer = await assignTask(context.ledger, policy, task.id, { to, by: await actorIn(context, as), reason });
  if (typeof answer === 'object')
    throw new Refused(`Task ${task.id} is not assigned: ${answer.why}.`, `${commandLine(`tasks show ${task.id}`, stage)}    shows who is asked`);
  if (answer !== 'assigned') throw new Refused(`Task ${task.id}: ${answer}.`, `${commandLine('tasks list', stage)}    shows those that are open`);
  return { view: { task: task.id, assignee: to }, text: `Task ${task.id}: ${to ?? 'nobody'} looks after it.` };
}

export function addTasks(program: Command): void {
  const tasks = program.command('tasks').description('the questions that wait for a person, and their answers');
  const filtered = (command: Command): Command =>
    command
      .addOption(new Option('--owner <group>', 'asked of this group').choices(OWNER_GROUPS))
      .addOption(new Option('--code <code>', 'asked with this code').choices(Object.keys(ERRORS)))
      .option('--tenant <tenant>', 'of this tenant')
      .option('--overdue', 'of which the answer is late')
      .option('--mine', 'assigned to you, or to nobody and of your groups')
      .option('--as <person>', 'on a local cloud: as this person', parse.person);
  filtered(tasks.command('list').description('open tasks, those that are due first before the others')).action(act(list));
  tasks
    .command('show')
    .description('one task: the question, the facts, the answers')
    .argument('<task>', 'id of the task, or order key')
    .action(act(show));
  filtered(tasks.command('decide').description('answer a task; without a task all that the filter means, up to 1000, after a confirmation'))
    .argument('<task>', `id of the task, or order key; with a filter the answer: ${TASK_OPTIONS.join(', ')}`)
    .argument('[answer]', 'one of the answers that the task has')
    .requiredOption('--reason <text>', 'why; kept in the ledger', parse.reason)
    .option('--target <code>', 'correct: what it is called in the ERP')
    .option('--to <erp>', 'reroute: the ERP instance')
    .option('--seen <mark>', 'the question as you saw it: `tasks show` prints it; an approval of one task needs it')
    .option('--yes', 'do not ask whether many tasks or orders are meant')
    .hook('preAction', (command) => mustBeOneOrMany(command.args, command.opts<DecideOptions>()))
    .action(act(decide));
  tasks
    .command('assign')
    .description('say who of the group that is asked looks after a task')
    .argument('<task>', 'id of the task, or order key')
    .argument('<person>', 'as in the policy, or: nobody', parse.person)
    .requiredOption('--reason <text>', 'why; kept with the task', parse.reason)
    .option('--as <person>', 'on a local cloud: as this person', parse.person)
    .action(act(assign));
}
