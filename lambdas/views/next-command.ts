import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { optionsOf } from '../../contracts/tasks.ts';
import { causeTaskId, mappingOf } from '../domain/cause-task.ts';
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

/** The same command as the one that the question about the cause shows (`decideCommand`). */
function mapping(cause: string, stage: string | undefined): NextStep {
  const { erp, kind, code } = mappingOf(cause);
  return {
    cure: `Say which ${kind} of the ERP ${code} is: every order that waits for it goes on.`,
    command: commandLine(`tasks decide ${causeTaskId(cause)} correct --target CODE --reason TEXT`, stage),
    blank: { text: 'CODE', kind, erp },
  };
}

/** What to do about a waiting order, and the next command to run; undefined: it does not wait. */
export function nextCommand(head: Pick<Head, 'orderKey' | 'wait' | 'task'>, defaults: Partial<Pick<Defaults, 'stage'>> = {}): NextStep | undefined {
  const { orderKey, wait, task } = head;
  if (!wait) return undefined;
  const { cure } = ERRORS[wait.code];
  if (wait.kind !== 'person') return { cure };
  if (wait.cause) return { ...mapping(wait.cause, defaults.stage), ...(optionsOf(wait.code, true).includes('retry') && { cure }) };
  if (task) {
    const options = optionsOf(task.code).join(', ');
    return { cure: `${questionOf(task.code)} ${task.owner} answers: ${options}.`, command: commandLine(`tasks show ${task.id}`, defaults.stage) };
  }
  const answer = ANSWERS[wait.code] ?? ((key) => `orders run ${key}`);
  return { cure, command: commandLine(answer(orderKey), defaults.stage) };
}
