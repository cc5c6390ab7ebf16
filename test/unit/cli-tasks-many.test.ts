import { describe, expect, it } from 'vitest';
import type { Context } from '../../cli/context.ts';
import { decide } from '../../cli/tasks.ts';
import { decideMany } from '../../cli/tasks-many.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Ask } from '../../lambdas/domain/waiting.ts';
import { boardOf, nth, waiting, wanted } from './board-fixtures.ts';
import { asking, taskIdOf } from './task-fixtures.ts';

const refused = (n: number, currency = 'EUR'): Head => asking('ERP_REFUSED', undefined, nth(n, { quote: { ...nth(n).quote, currency } }));
const many = (n: number) => Array.from({ length: n }, (_, at) => refused(at + 1));

/** A ledger with these orders and their questions, and a person who may answer each. */
function world(heads: readonly Head[]) {
  const { deps, log, head, sentRuns } = boardOf(heads);
  const { ledger, policy, defaults } = deps;
  const context = {
    ...{ ledger, defaults, config: { stage: 'local', cloud: 'local', policy }, actor: async () => 'board:ada' },
    sendRun: async ({ orderKey }: { orderKey: string }) => void sentRuns.push(orderKey),
    sendCause: async () => undefined,
  } as unknown as Context;
  const undecided = () => heads.filter(({ orderKey }) => head(orderKey).task).length;
  return { context, log, head, sentRuns, undecided };
}

const options = { reason: 'no longer wanted', tenant: 'acme' } as const;
const message = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was asked',
    (error: Error) => error.message,
  );

describe('one answer to many tasks', () => {
  it('says before how many they are, of what, worth how much, and shows the first twenty', async () => {
    const own = [...many(20), ...[21, 22, 23, 24].map((n) => refused(n, 'USD'))];
    const { context, log } = world([...own, waiting(25), waiting(26)]);
    const asked = await message(decide(context, options, 'cancel'));
    expect(asked).toMatch(/^tasks {3}25: 24 ERP_REFUSED, 1 PRODUCT_UNMAPPED$/m);
    expect(asked).toMatch(/^orders {2}26, 2200\.00 EUR, 400\.00 USD before tax$/m);
    expect(asked).toMatch(/^answer {2}cancel: What was made of it is undone/m);
    expect(asked).toMatch(/^reason {2}no longer wanted$/m);
    expect(asked.match(/^[0-9a-f]{20} /gm)).toHaveLength(20);
    expect(asked).toMatch(/^\.\.\. and 5 more$/m);
    expect(asked).not.toContain('left');
    expect(log.writes).toBe(0);
  });

  it('is given only after a confirmation, or with --yes', async () => {
    const { context, sentRuns, undecided, log, head } = world(many(2));
    await expect(decide(context, options, 'cancel')).rejects.toMatchObject({ name: 'Refused', cure: expect.stringContaining('--yes') });
    expect([log.writes, undecided()]).toEqual([0, 2]);
    const { ok, text, view } = await decide(context, { ...options, yes: true }, 'cancel');
    expect([ok, undecided(), sentRuns.length]).toEqual([true, 0, 2]);
    expect(text).toMatch(/^Task [0-9a-f]{20}: decided: .*\nTask .*\n\n2 of 2 tasks decided\.$/);
    expect(view).toMatchObject({ meant: 2, decided: [{ ok: true }, { ok: true }] });
    expect(head(nth(1).orderKey).decided).toMatchObject({ option: 'cancel', by: 'board:ada', reason: 'no longer wanted' });
  });

  it('to more than one command decides says so before and after, and the same command decides the others', async () => {
    const { context, undecided } = world(many(5));
    const limits = { atOnce: 3, paceMs: 0 };
    const left = '2 more are left: one command decides 3, those that are due first. Give it again for the others, or a narrower filter.';
    const asked = await message(decideMany(context, options, 'cancel', limits));
    expect(asked).toMatch(/^tasks {3}3 of 5: 3 ERP_REFUSED$/m);
    expect(asked).toMatch(/^orders {2}3, 300\.00 EUR before tax$/m);
    expect(asked).toContain(left);
    const first = await decideMany(context, { ...options, yes: true }, 'cancel', limits);
    expect(first).toMatchObject({ ok: false, view: { meant: 5 }, text: expect.stringContaining(`3 of 5 tasks decided.\n${left}`) });
    expect(undecided()).toBe(2);
    const second = await decideMany(context, { ...options, yes: true }, 'cancel', limits);
    expect(second).toMatchObject({ ok: true, text: expect.stringContaining('2 of 2 tasks decided.') });
  });

  it('leaves those that have no such answer, and says how many', async () => {
    const without = wanted(3);
    const { context, head } = world([...many(2), without]);
    const left = '1 task without the answer "cancel" is left as it is.';
    const asked = await message(decide(context, options, 'cancel'));
    expect(asked).toMatch(/^tasks {3}2 of 3: 2 ERP_REFUSED$/m);
    expect(asked).toContain(left);
    const { ok, text } = await decide(context, { ...options, yes: true }, 'cancel');
    expect([ok, text]).toEqual([false, expect.stringContaining(`2 of 3 tasks decided.\n${left}`)]);
    expect(head(without.orderKey).task?.id).toBe(taskIdOf(without));
    expect(await decide(context, options, 'cancel')).toMatchObject({ ok: false, text: `0 of 1 task decided.\n${left}` });
  });

  describe('that approves or rejects', () => {
    const discount = (n: number, value: string, more: Partial<Ask> = {}) =>
      asking('APPROVAL_NEEDED', { subject: 'discount', measure: 'discount', value, worse: 'larger', ...more }, nth(n));

    it.each(['approve', 'reject'] as const)('shows of each task what is asked, of all of them: %s', async (option) => {
      const heads = Array.from({ length: 25 }, (_, at) => discount(at + 1, `0.${at + 11}`));
      const asked = await message(decide(world(heads).context, options, option));
      for (let at = 0; at < 25; at++)
        expect(asked).toContain(`Is this order approved? A rule of the approval matrix asks for an approval: detail (discount: 0.${at + 11})`);
      expect(asked).not.toContain('more');
    });

    it('does not decide what was asked anew, with another value, since it was shown', async () => {
      const heads = [discount(1, '0.20'), discount(2, '0.30')];
      const { context, head } = world(heads);
      const worse = async () => {
        for (const { orderKey } of heads)
          await context.ledger.change(orderKey, (now) => ({
            next: { ...now, task: now.task?.ask && { ...now.task, ask: { ...now.task.ask, value: '0.90' } } },
            answer: null,
          }));
      };
      // Sent when the first is decided.
      const { ok, text } = await decide({ ...context, sendRun: worse }, { ...options, yes: true }, 'approve');
      expect([ok, text]).toEqual([false, expect.stringContaining('not decided: it was asked anew since it was shown\n\n1 of 2 tasks decided.')]);
      expect(heads.filter(({ orderKey }) => head(orderKey).task)).toHaveLength(1);
    });

    it('says of how many another group is asked next, and the order does not go on', async () => {
      const several = { approvers: ['sales-operations', 'finance'] } as const;
      const two = [discount(1, '0.20', several), discount(2, '0.30', several)];
      const first = await message(decide(world(two).context, options, 'approve'));
      expect(first).toMatch(/^answer {2}approve: finance is asked next; the order goes on when all have approved\.$/m);
      expect(first).not.toContain('The order goes on');
      const mixed = await message(decide(world([...two, discount(3, '0.40')]).context, options, 'approve'));
      expect(mixed).toMatch(
        /^answer {2}approve: Of 2: finance is asked next; .* Of 1: The order goes on; it is asked again only when it gets worse\.$/m,
      );
    });
  });

  it('goes on with the others when one of them fails, and lists that with its reason', async () => {
    const { context, head, undecided } = world(many(3));
    const failing = nth(2).orderKey;
    const change: Context['ledger']['change'] = async (orderKey, ...more) => {
      if (orderKey === failing) throw new Error('12 conditional writes in a row met another writer');
      return context.ledger.change(orderKey, ...more);
    };
    const { ok, text, view } = await decide({ ...context, ledger: { ...context.ledger, change } }, { ...options, yes: true }, 'cancel');
    expect([ok, undecided(), head(failing).decided]).toEqual([false, 1, undefined]);
    expect(text).toContain(`Task ${taskIdOf(refused(2))}: failed: 12 conditional writes in a row met another writer\n`);
    expect(text).toContain('2 of 3 tasks decided.');
    expect((view as { decided: object[] }).decided).toHaveLength(3);
    expect(view).toMatchObject({
      decided: expect.arrayContaining([{ task: taskIdOf(refused(2)), answer: 'failed', ok: false, text: expect.any(String) }]),
    });
  });

  it('to one task that the filter finds is confirmed like many: nobody has named it', async () => {
    const { context, log } = world(many(1));
    await expect(decide(context, options, 'cancel')).rejects.toMatchObject({ name: 'Refused', cure: expect.stringContaining('--yes') });
    expect(log.writes).toBe(0);
  });

  it('to nothing that is open decides nothing', async () => {
    expect(await decide(world([]).context, options, 'cancel')).toMatchObject({ text: 'No open task is meant: nothing is decided.' });
  });
});
