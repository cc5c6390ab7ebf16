import { ERRORS } from '../../contracts/errors.ts';
import { awaitsAnswer, type Head } from '../../lambdas/domain/head.ts';
import { isOpen, listQuarantine, NO_TENANT, openEntries } from '../../lambdas/ledger/quarantine.ts';
import { entriesAmiss, ordersAmiss, questionsAmiss } from '../../lambdas/ledger/task-proof.ts';
import { openTasks } from '../../lambdas/ledger/tasks.ts';
import { commandLine } from '../../lambdas/views/next-command.ts';
import type { Context } from '../context.ts';
import { count } from '../print.ts';
import { bad, type Check, look, ok } from './finding.ts';

/** Sweeps that an order may have been missed by before it counts as forgotten; seconds at least. */
const SWEEPS = 5;
const AT_LEAST = 60;

/** An order whose time has come long ago, though nobody works on it: the sweeper should have sent it. */
export const isOverdue = (head: Head, before: string): boolean =>
  !head.run.active && !head.admissionSince && !awaitsAnswer(head) && (head.dueAt ?? 'never') < before;
/** A run past its limit that nobody has taken over. */
export const isDead = ({ dueAt, run }: Head, before: string): boolean => run.active && (dueAt ?? 'never') < before;

const keys = (heads: readonly Head[]): string =>
  `${heads
    .slice(0, 3)
    .map(({ orderKey }) => orderKey)
    .join(', ')}${heads.length > 3 ? ', ...' : ''}`;

/** Whether every order that is not at rest has somebody or something that brings it on. */
export const orders =
  ({ config, ledger }: Context, heads: readonly Head[]): Check =>
  async () => {
    const grace = Math.max(AT_LEAST, SWEEPS * config.policy.times.sweepEvery);
    const before = new Date(Date.parse(ledger.stamp()) - grace * 1000).toISOString();
    const run = (head: Head | undefined) => commandLine(`orders run ${head?.orderKey}`, config.stage);
    const overdue = heads.filter((head) => isOverdue(head, before));
    const dead = heads.filter((head) => isDead(head, before));
    const dying = heads.filter(({ run: { deaths } }) => deaths > 1);
    const waiting = heads.filter(({ wait }) => wait);
    const people = waiting.filter(({ wait }) => wait && ERRORS[wait.code].retry === 'person');
    return [
      overdue.length > 0
        ? bad(
            'orders overdue',
            `${overdue.length} of ${heads.length} under way: ${keys(overdue)}`,
            `The sweeper does not run or does not get through: look at its queue and log. Meanwhile: ${run(overdue[0])}`,
          )
        : ok('orders overdue', `none of ${heads.length} under way`),
      dead.length > 0
        ? bad(
            'dead runs',
            `${count(dead.length, 'run')} past the limit: ${keys(dead)}`,
            `The sweeper does not run or does not get through: look at its queue and log. Meanwhile: ${run(dead[0])}`,
          )
        : dying.length > 0
          ? look(
              'dead runs',
              `${count(dying.length, 'order')} with several dead runs in a row: ${keys(dying)}`,
              commandLine(`logs ${dying[0]?.orderKey}`, config.stage),
            )
          : ok('dead runs', 'none'),
      people.length > 0
        ? look(
            'orders waiting',
            `${waiting.length}, of these ${people.length} for a person`,
            `${commandLine('orders list --waiting', config.stage)}    shows for whom and what to do`,
          )
        : ok('orders waiting', waiting.length === 0 ? 'none' : `${waiting.length}; they go on by themselves`),
    ];
  };

/** Whether everybody who has to act is asked, once, and nobody about nothing; and whose answers are late. */
export const tasks =
  ({ config, ledger }: Context, heads: readonly Head[]): Check =>
  async () => {
    const entries = (await Promise.all(Object.keys(config.policy.tenants).map((tenant) => openEntries(ledger, tenant)))).flat();
    const amiss = [...(await ordersAmiss(ledger, heads)), ...(await entriesAmiss(ledger, entries)), ...(await questionsAmiss(ledger))];
    const kinds = [...Map.groupBy(amiss, ({ what }) => what)].map(([what, of]) => `${what} (${of.length})`);
    const open = await openTasks(ledger);
    const late = open.filter(({ dueAt }) => dueAt <= ledger.stamp());
    if (amiss.length > 0)
      return bad('tasks', kinds.join(', '), 'The sweeper puts it right within a minute: run the same command again. If it repeats, read its log.');
    if (late.length === 0) return ok('tasks', open.length === 0 ? 'none open' : `${open.length} open, none overdue; each has its orders`);
    return look(
      'tasks',
      `${late.length} of ${open.length} overdue`,
      `${commandLine('tasks list --overdue', config.stage)}    shows what is asked, and of whom`,
    );
  };

export const quarantine =
  ({ config, ledger }: Context): Check =>
  async () => {
    const lists = await Promise.all([...Object.keys(config.policy.tenants), NO_TENANT].map((tenant) => listQuarantine(ledger, tenant)));
    const open = lists.flat().filter(isOpen);
    if (open.length === 0) return ok('quarantine', 'empty');
    const byCode = [...Map.groupBy(open, ({ code }) => code)].map(([code, of]) => `${of.length} ${code}`);
    return look(
      'quarantine',
      `${count(open.length, 'event')}: ${byCode.join(', ')}`,
      `${commandLine('quarantine list', config.stage)}    shows them with what to do`,
    );
  };
