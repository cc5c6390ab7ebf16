import { ERRORS, type ErrorCode, triesAgain } from '../../contracts/errors.ts';
import { isMapping } from '../../contracts/reference.ts';
import { optionsOf } from '../../contracts/tasks.ts';
import { causeTaskId, subjectOf } from '../domain/cause-task.ts';
import type { Head } from '../domain/head.ts';
import { type Defaults, LOCAL_STAGE } from './defaults.ts';
import { questionOf } from './question.ts';

/** What a waiting order needs. No command: it goes on by itself. */
export interface NextStep {
  /** What to do, in one sentence; before the command if there is one. */
  readonly cure: string;
  readonly command?: string;
  /** What whoever runs the command has to put in: the code that a record has in the ERP. */
  readonly blank?: { readonly text: string; readonly kind: string; readonly erp: string };
}

/** A word of a command line that any POSIX shell takes as it is. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** Questions to a person of which the answer is not simply another run. */
const ANSWERS: Partial<Record<ErrorCode, (orderKey: string) => string>> = {
  PREDECESSOR_PAST_PIVOT: (orderKey) => `orders cancel ${orderKey} --reason TEXT`,
  CANCEL_AFTER_PIVOT: (orderKey) => `lineage ${orderKey}`,
  WITHDRAWN_AFTER_PIVOT: (orderKey) => `lineage ${orderKey}`,
  KEY_COLLISION: (orderKey) => `orders show ${orderKey}`,
};

/** The command line that does it, on the stage that is meant. */
export const commandLine = (command: string, stage: string | undefined): string =>
  `npx quotebridge ${command}${stage === undefined || stage === LOCAL_STAGE ? '' : ` --stage ${stage}`}`;

/** The same command as the one that the question about the cause shows (`decideCommand`): one answer is for all orders that wait for it. */
function answerFor(cause: string, code: ErrorCode, stage: string | undefined): NextStep {
  const { erp, kind, code: name } = subjectOf(cause);
  const answer = (option: string) => commandLine(`tasks decide ${causeTaskId(cause)} ${option} --reason TEXT`, stage);
  // Nobody is asked as long as it passes by itself.
  const cure = triesAgain(ERRORS[code].retry) ? questionOf(code, cause) : ERRORS[code].cure;
  if (!isMapping(kind) || code === 'CUSTOMER_BLOCKED') return { cure, command: answer('retry') };
  return {
    cure: optionsOf(code, kind).includes('retry') ? cure : `Say which ${kind} of the ERP ${name} is: every order that waits for it goes on.`,
    command: answer('correct --target CODE'),
    blank: { text: 'CODE', kind, erp },
  };
}

/** What to do about a waiting order, and the next command to run; undefined: it does not wait. */
export function nextCommand(head: Pick<Head, 'orderKey' | 'wait' | 'task'>, defaults: Partial<Pick<Defaults, 'stage'>> = {}): NextStep | undefined {
  const { orderKey, wait, task } = head;
  if (!wait) return undefined;
  const { cure } = ERRORS[wait.code];
  if (wait.kind !== 'person') return { cure };
  if (wait.cause) return answerFor(wait.cause, wait.code, defaults.stage);
  if (task) {
    const options = optionsOf(task.code).join(', ');
    return { cure: `${questionOf(task.code)} ${task.owner} answers: ${options}.`, command: commandLine(`tasks show ${task.id}`, defaults.stage) };
  }
  const answer = ANSWERS[wait.code] ?? ((key) => `orders run ${key}`);
  return { cure, command: commandLine(answer(orderKey), defaults.stage) };
}
