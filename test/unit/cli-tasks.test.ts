import { describe, expect, it } from 'vitest';
import type { Context } from '../../cli/context.ts';
import { instant } from '../../cli/print.ts';
import { assign, decide, show } from '../../cli/tasks.ts';
import { answerTo } from '../../cli/tasks-answer.ts';
import { askedText, mustBeSeen } from '../../cli/tasks-seen.ts';
import { answerText, tasksText, taskText } from '../../cli/tasks-text.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import type { TaskOption } from '../../contracts/tasks.ts';
import { type CauseTask, causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { decideEscalate } from '../../lambdas/domain/protocol/index.ts';
import type { Ask, Decided } from '../../lambdas/domain/waiting.ts';
import { openCauseTask, readCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { LedgerRestoring } from '../../lambdas/ledger/epoch.ts';
import { orderKeyIn } from '../../lambdas/ledger/find.ts';
import type { TaskItem } from '../../lambdas/ledger/task-items.ts';
import { findTask } from '../../lambdas/ledger/tasks.ts';
import { nextCommand } from '../../lambdas/views/next-command.ts';
import { seenOf, taskView } from '../../lambdas/views/task.ts';
import { ANSWER_DUE, accepted, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { around, asking, policy, taskIdOf } from './task-fixtures.ts';

const defaults = { stage: 'local', tenant: 'acme', erp: 'erp' };
const now = new Date(NOW);
const ask = { subject: 'discount', value: '0.20', worse: 'larger', approvers: ['sales-operations', 'finance'], requestedBy: 'anna' } as const;

async function itemOf(head: Head): Promise<TaskItem> {
  const { ledger, items } = ledgerWith([{ ...head, task: undefined }]);
  await ledger.change(KEY, () => ({ next: head, answer: null }));
  return items.get(`O#${KEY} T#${taskIdOf(head)}`) as unknown as TaskItem;
}

describe('a task, for people', () => {
  it('has the question, the facts, who may answer, and each answer as a command', async () => {
    const head = asking('APPROVAL_NEEDED', ask);
    const view = taskView(await itemOf(head), { heads: [head], more: false }, policy, { ...defaults, stage: 'prod' }, now);
    const text = taskText(view, now, 'prod');
    for (const part of [
      'Is this order approved?',
      'discount: 0.20, asked for by anna',
      'sales-operations: anna, berta',
      '1 order, 100.00 EUR',
      'in 1 d',
      'docs/runbooks/',
    ])
      expect(text).toContain(part);
    const seen = seenOf(await itemOf(head));
    expect(text).toContain(`npx quotebridge tasks decide ${taskIdOf(head)} approve --seen ${seen} --reason TEXT --stage prod`);
    expect(text).toContain(`npx quotebridge tasks decide ${taskIdOf(head)} reject --reason TEXT --stage prod`);
    expect(text).toContain('then it stays open, overdue');
  });

  it('that is closed says what was answered, and nothing of those that wait or of what would follow', async () => {
    const head = asking('APPROVAL_NEEDED', ask);
    const closed = { by: 'anna', at: NOW, option: 'approve', reason: 'agreed' } as const;
    const task: TaskItem = { ...(await itemOf(head)), state: 'closed', closed };
    for (const heads of [[], [head]]) {
      const text = taskText(taskView(task, { heads, more: false }, policy, defaults, now), now, 'local');
      expect(text).toContain('approve by anna at 2026-01-01 12:00:00 UTC: agreed');
      expect(text).not.toMatch(/^(holds up|due|if nobody answers) /m);
    }
    const none = taskView({ ...task, state: 'open' }, { heads: [], more: false }, policy, defaults, now);
    expect(taskText(none, now, 'local')).toMatch(/^holds up +0 orders$/m);
  });

  it('about an amount names its currency', async () => {
    const price = { subject: 'PRICE_OUT_OF_TOLERANCE', measure: 'price deviation', value: '12.00', worse: 'larger' } as const;
    const head = asking('PRICE_OUT_OF_TOLERANCE', price);
    const task = await itemOf(head);
    const view = taskView(task, { heads: [head], more: false }, policy, defaults, now);
    expect(taskText(view, now, 'local')).toContain('PRICE_OUT_OF_TOLERANCE: 12.00 EUR');
    expect(askedText(task)).toContain('(price deviation: 12.00 EUR)');
    expect(askedText({ ...task, ask: { ...price, measure: 'discount', value: '0.20' } })).toContain('(discount: 0.20)');
  });

  it('says of the first of several approvers that others are asked after it, and of the last that the order goes on', async () => {
    const several = { ...ask, approvers: ['sales-operations', 'finance'] as const };
    const head = asking('APPROVAL_NEEDED', several);
    const task = await itemOf(head);
    const textOf = (one: TaskItem) => taskText(taskView(one, { heads: [head], more: false }, policy, defaults, now), now, 'local');
    expect(textOf(task)).toContain('finance is asked next; the order goes on when all have approved.');
    const half = { ...task, approved: [{ group: 'sales-operations' as const, by: 'anna', at: NOW }] };
    expect(textOf(half)).toContain('The order goes on; it is asked again only when it gets worse.');
  });

  it('says since when its group is asked, and apart from that when the first was', async () => {
    const head = asking('APPROVAL_NEEDED', ask);
    const task = await itemOf(head);
    const later = new Date(inSeconds(7200));
    const textOf = (one: TaskItem) => taskText(taskView(one, { heads: [head], more: false }, policy, defaults, later), later, 'local');
    expect(textOf(task)).toMatch(/^asked since +2026-01-01 12:00:00 UTC, 2 h ago$/m);
    expect(textOf(task)).not.toMatch(/^first asked/m);
    const handedOn = textOf({ ...task, owner: 'finance', level: 1, askedAt: inSeconds(3600) });
    expect(handedOn).toMatch(/^asked since +2026-01-01 13:00:00 UTC, 1 h ago$/m);
    expect(handedOn).toMatch(/^first asked +2026-01-01 12:00:00 UTC, 2 h ago, before it came to finance$/m);
  });

  it('that is late says so, and who is asked next', async () => {
    const head = asking('ERP_REFUSED');
    const rules = {
      ...policy.rules,
      default: { ...policy.rules.default, askingOtherwise: { due: 1, escalate: ['platform'], atLast: 'cancel' } },
    } as typeof policy.rules;
    const view = taskView(await itemOf(head), { heads: [head], more: false }, { ...policy, rules }, defaults, new Date(inSeconds(ANSWER_DUE + 60)));
    expect(view).toMatchObject({ overdue: true, escalation: { next: ['platform'], atLast: 'cancel' } });
    expect(taskText(view, now, 'local')).toContain('then platform is asked, then the policy decides: cancel');
    const again = taskView(
      await itemOf(head),
      { heads: [{ ...head, byDefault: [taskIdOf(head)] }], more: false },
      { ...policy, rules },
      defaults,
      now,
    );
    expect(taskText(again, now, 'local')).toContain('then platform is asked, then it stays open, overdue');
    expect(tasksText([view], now, 'local')).toContain('1 open task, 1 overdue.');
  });

  it('about a cause counts the orders that wait for it, and asks for the code', () => {
    const task: CauseTask = {
      ...{ id: 'c', cause: 'acme#erp#product#P', tenant: 'acme', code: 'PRODUCT_UNMAPPED', state: 'open', causeVersion: 0 },
      ...{ openedAt: NOW, dueAt: inSeconds(60), owner: 'master-data', level: 0, version: 1 },
    };
    const view = taskView(task, { heads: [asking('PRODUCT_UNMAPPED'), asking('PRODUCT_UNMAPPED')], more: true }, policy, defaults, now);
    expect(view).toMatchObject({ orders: 2, more: true, money: [{ amount: '200.00', currency: 'EUR' }], question: 'Which product of ERP erp is P?' });
    expect(taskText(view, now, 'local')).toContain('tasks decide c correct --target CODE --reason TEXT');
    const gap = taskView({ ...task, code: 'CUSTOMER_HIERARCHY_GAP' }, { heads: [], more: false }, policy, defaults, now);
    expect(gap.options.map(({ option }) => option)).toEqual(['retry', 'correct', 'cancel']);
    expect(tasksText([view], now, 'local')).toContain('product P of acme');
  });

  it('about a cause says from when on the policy cancels orders, each by its own rules', () => {
    const task = {
      ...{ id: 'c', cause: 'acme#erp#product#P', tenant: 'acme', code: 'PRODUCT_UNMAPPED', state: 'open', causeVersion: 0 },
      ...{ openedAt: NOW, dueAt: inSeconds(60), owner: 'master-data', level: 0, version: 1 },
    } as CauseTask;
    const US = { askingOtherwise: { due: 60, escalate: ['platform'], atLast: 'cancel' } };
    const rules = { ...policy.rules, regions: { US } } as typeof policy.rules;
    const wait = { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: task.cause, causeVersion: 0 } as const;
    const of = (region: string, patch: Partial<Head> = {}): Head => ({ ...accepted, wait, route: { ...accepted.route, region }, ...patch });
    const ending = (...heads: Head[]) => {
      const view = taskView(task, { heads, more: false }, { ...policy, rules }, defaults, now);
      return /if nobody answers +(.*)/.exec(taskText(view, now, 'local'))?.[1] ?? '';
    };
    expect(ending(of('EU'))).toMatch(/it stays open, overdue$/);
    const since = { ...wait, since: inSeconds(-30) };
    expect(ending(of('EU'), of('US'), of('US', { wait: since }))).toContain('from 2026-01-01 12:01:30 UTC on the policy cancels each order');
    const others = [of('US', { stops: { superseded: { by: 'x', at: NOW } } }), of('US', { state: 'confirmed' })];
    expect(ending(...others)).toMatch(/it stays open, overdue$/);
  });

  describe('about a cause', () => {
    const cause = { cause: 'acme#erp#product#P', causeVersion: 0, code: 'PRODUCT_UNMAPPED' } as const;
    const id = causeTaskId(cause.cause);
    const wait = { kind: 'person', since: NOW, times: 1, ...cause } as const;
    const orders = (n: number): Head[] => Array.from({ length: n }, (_, at) => ({ ...accepted, orderKey: String(at).padStart(20, '0'), wait }));

    async function context(n: number) {
      const memory = ledgerWith(orders(n));
      await openCauseTask(memory.ledger, cause, inSeconds(60));
      const config = { stage: 'local', cloud: 'local', policy };
      const nothing = async () => undefined;
      return {
        ...memory,
        context: {
          ledger: memory.ledger,
          config,
          defaults,
          actor: async () => 'cli:eve',
          sendRun: nothing,
          sendCause: nothing,
        } as unknown as Context,
      };
    }

    it('is the one that is meant by the key of an order that waits for it', async () => {
      const { context: here } = await context(1);
      const documents = { readQuote: () => Promise.reject(new Error('not stored')) };
      const { view } = await show({ ...here, documents } as unknown as Context, {}, String(0).padStart(20, '0'));
      expect(view).toMatchObject({ task: { id, orders: 1 } });
    });

    it('is not answered, nor assigned, by the key of one order: the answer is for all of them', async () => {
      const { context: here, ledger } = await context(3);
      const key = String(0).padStart(20, '0');
      const refused = {
        name: 'Refused',
        message: `Order ${key} waits for a question that orders share: its answer is for 3 orders.`,
        cure: `npx quotebridge tasks show ${id}    shows it; answer it by this id`,
      };
      await expect(decide(here, { reason: 'only this one', target: 'NW-1' }, key, 'correct')).rejects.toMatchObject(refused);
      await expect(assign(here, { reason: 'knows it' }, key, 'anna')).rejects.toMatchObject(refused);
      expect(await readCauseTask(ledger, cause.cause)).toMatchObject({ state: 'open', version: 1 });
    });

    it('is assigned by one of those who are asked to another, with a reason that it shows', async () => {
      const { context: here, ledger } = await context(1);
      const sales = {
        ...here,
        config: { ...here.config, policy: { ...policy, owners: { ...policy.owners, 'master-data': policy.owners['sales-operations'] } } },
      };
      const reason = 'knows the products';
      await expect(assign(sales, { reason, as: 'eve' }, id, 'anna')).rejects.toMatchObject({
        message: expect.stringContaining('cli:eve is not of the group'),
      });
      await expect(assign(sales, { reason, as: 'anna' }, id, 'eve')).rejects.toMatchObject({
        message: expect.stringContaining('eve is not of the group master-data, which is asked: anna, berta, cli:anna'),
        cure: expect.stringContaining(`tasks show ${id}`),
      });
      expect(await assign(sales, { reason, as: 'anna' }, id, 'berta')).toMatchObject({ text: `Task ${id}: berta looks after it.` });
      const task = await findTask(ledger, id);
      if (!task) throw new Error('nobody is asked');
      const text = taskText(taskView(task, { heads: [], more: false }, policy, defaults, now), now, 'local');
      expect(text).toContain('berta, by cli:anna at 2026-01-01 12:00:00 UTC: knows the products');
      expect((await assign(sales, { reason, as: 'anna' }, id, 'nobody')).text).toBe(`Task ${id}: nobody looks after it.`);
    });

    it('says of how many orders and how much money an answer is, and lists the first ten', async () => {
      const task = await findTask((await context(14)).ledger, id);
      if (!task) throw new Error('nobody is asked');
      const text = (n: number, more = false) => taskText(taskView(task, { heads: orders(n), more }, policy, defaults, now), now, 'local');
      expect(text(14)).toContain(
        'Cancel all 14 orders that wait for it: This cancels all 14 orders that wait for it (1400.00 EUR before tax), and undoes what was made of them.',
      );
      expect(text(14)).toContain('Orders held up, the first 10 of 14:');
      expect(text(14).match(/^ +Q-\S+ +\d{20} /gm)).toHaveLength(10);
      expect(text(2)).toContain('Orders held up:');
      expect(text(1)).toContain('Cancel the one order that waits for it');
      expect(text(2, true)).toContain('Cancel all orders that wait for it, at least 2: ');
      expect(text(2, true)).toContain('(at least 200.00 EUR before tax)');
    });

    it('is found by its id while orders of another tenant are brought back, though the id reads like a key of an order', async () => {
      const { context: here, ledger } = await context(1);
      const read = async (key: string) => {
        if (orders(1).every(({ orderKey }) => orderKey !== key)) throw new LedgerRestoring('no order is missing for certain');
        return ledger.read(key);
      };
      expect(orderKeyIn(id)).toBeDefined();
      const { text } = await decide({ ...here, ledger: { ...ledger, read } }, { reason: 'no such product', yes: true }, id, 'cancel');
      expect(text).toContain('decided');
    });

    it('sends its orders to another ERP only when so many are meant', async () => {
      const code = 'ERP_NOT_CONFIGURED' as const;
      const gone = { cause: 'acme#erp#configuration#erp', causeVersion: 0, code };
      const { ledger } = ledgerWith(orders(2).map((head) => ({ ...head, wait: { ...wait, ...gone } })));
      await openCauseTask(ledger, gone, inSeconds(60));
      const { context: here } = await context(0);
      const anybody = { ...policy, owners: { ...policy.owners, platform: policy.owners['master-data'] } };
      const there = { ...here, ledger, config: { ...here.config, policy: anybody } };
      const options = { reason: 'closed down', to: 'other' };
      await expect(decide(there, options, causeTaskId(gone.cause), 'reroute')).rejects.toMatchObject({
        name: 'Refused',
        message: expect.stringContaining('Every order that waits for it is made in that ERP instance.'),
        cure: expect.stringContaining('--yes'),
      });
      expect(await findTask(ledger, causeTaskId(gone.cause))).toMatchObject({ state: 'open' });
      expect((await decide(there, { ...options, yes: true }, causeTaskId(gone.cause), 'reroute')).text).toContain('decided: ');
    });

    it('cancels its orders only when so many are meant', async () => {
      const { context: here, ledger } = await context(3);
      const sent: string[] = [];
      Object.assign(here, { sendCause: async (message: { cause: string }) => void sent.push(message.cause) });
      const options = { reason: 'no such product' };
      await expect(decide(here, options, id, 'cancel')).rejects.toMatchObject({
        name: 'Refused',
        message: expect.stringContaining('all 3 orders that wait for it (300.00 EUR before tax)'),
        cure: expect.stringContaining('--yes'),
      });
      expect([await findTask(ledger, id), sent]).toMatchObject([{ state: 'open' }, []]);
      const { text } = await decide(here, { ...options, yes: true }, id, 'cancel');
      expect(text).toContain('decided: This cancels all 3 orders');
      expect([await findTask(ledger, id), sent]).toMatchObject([{ state: 'closed', decided: { option: 'cancel', by: 'cli:eve' } }, [cause.cause]]);
    });
  });

  describe('of which a value is approved', () => {
    const refusal = (task: TaskItem, option: TaskOption, seen?: string) => {
      try {
        mustBeSeen(task, option, seen, 'prod');
        return undefined;
      } catch (error) {
        return error;
      }
    };

    it('is refused with the question and its value until the person says that it was seen', async () => {
      const task = await itemOf(asking('APPROVAL_NEEDED', ask));
      const cure = `npx quotebridge tasks decide ${task.id} approve --seen ${seenOf(task)} --reason TEXT --stage prod`;
      expect(refusal(task, 'approve')).toMatchObject({ name: 'Refused', message: expect.stringContaining('(discount: 0.20)'), cure });
      expect(refusal(task, 'approve', seenOf(task))).toBeUndefined();
    });

    it('is refused when it got worse since: it was asked anew', async () => {
      const task = await itemOf(asking('APPROVAL_NEEDED', ask));
      const worse = { ...task, openedAt: inSeconds(1), ask: { ...ask, value: '0.90' } };
      expect(refusal(worse, 'approve', seenOf(task))).toMatchObject({ message: expect.stringMatching(/asked anew .*0\.90/) });
      expect(refusal(worse, 'reject', seenOf(task))).toMatchObject({ name: 'Refused' });
    });

    it('is refused when what is to be approved is another since, though it stayed open', async () => {
      const task = await itemOf(asking('PRICE_OUT_OF_TOLERANCE', { ...ask, lines: [1] }));
      const others: TaskItem[] = [
        { ...task, ask: { ...ask, lines: [1], value: '0.10' } },
        { ...task, ask: { ...ask, lines: [2] } },
        { ...task, detail: 'another product' },
        { ...task, askedAt: inSeconds(60) },
      ];
      for (const other of others) expect(refusal(other, 'approve', seenOf(task))).toMatchObject({ message: expect.stringContaining('asked anew') });
      expect(refusal({ ...task, dueAt: inSeconds(60), assignee: 'anna' }, 'approve', seenOf(task))).toBeUndefined();
    });

    it('another answer needs no mark, and a closed one says for itself what was answered', async () => {
      const task = await itemOf(asking('APPROVAL_NEEDED', ask));
      expect(refusal(task, 'reject')).toBeUndefined();
      expect(refusal({ ...task, state: 'closed' }, 'approve')).toBeUndefined();
    });
  });

  it('nobody is asked', () => {
    expect(tasksText([], now, 'local')).toBe('Nobody is asked anything.');
  });

  it('is the next step of its order', () => {
    const head = asking('CREDIT_BLOCKED');
    expect(nextCommand(head, defaults)).toEqual({
      cure: expect.stringMatching(/finance answers: retry, approve, reject\.$/),
      command: `npx quotebridge tasks show ${taskIdOf(head)}`,
    });
  });
});

describe('the facts of a task', () => {
  const quote: QuoteDocument = {
    ...accepted.quote,
    ...{ channel: 'direct', shipping: { freight: '0.00' }, paymentTerm: 'NET-30' },
    parties: [
      { role: 'ship-to', customer: 'ACC-2' },
      { role: 'sold-to', customer: 'ACC-1', name: 'Vins et alcools Chevalier', address: { city: 'Reims', country: 'FR' } },
    ],
    lines: Array.from({ length: 12 }, (_, at) => ({
      ...{ id: String(at), product: `P-${at}`, quantity: '2', unit: 'box', charge: 'one-time' },
      ...{ description: `Chai ${at}`, listPrice: '60.00', netPrice: '50.00', amount: '100.00' },
    })),
  };
  const cause = { cause: 'acme#erp#product#P-3', causeVersion: 0, code: 'PRODUCT_UNMAPPED' } as const;
  const stage = (heads: Head[], read = async () => quote) => {
    const memory = ledgerWith(heads.map((head) => ({ ...head, task: undefined })));
    const context = { ledger: memory.ledger, config: { stage: 'local', policy }, defaults, documents: { readQuote: read } };
    return { ...memory, context: context as unknown as Context };
  };
  const shownOf = async (head: Head, read?: () => Promise<QuoteDocument>) => {
    const { ledger, context } = stage([head], read);
    await ledger.change(KEY, () => ({ next: head, answer: null }));
    return show(context, {}, taskIdOf(head));
  };

  it('about an order are the customer, the total and the lines of its quote', async () => {
    const { text, view } = await shownOf(asking('APPROVAL_NEEDED', ask));
    expect(text).toMatch(/^customer +ACC-1, Vins et alcools Chevalier, Reims, FR$/m);
    expect(text).toMatch(/^payment term +NET-30$/m);
    expect(text).toMatch(/^holds up +1 order, 100\.00 EUR before tax$/m);
    expect(text).toContain('Lines of the quote, the first 10 of 12:');
    expect(text).toMatch(/^ +P-0 +Chai 0 +2 +60\.00 +50\.00 +100\.00$/m);
    expect(text).not.toContain('P-10');
    expect(view).toMatchObject({ task: { id: expect.any(String) }, quote: { lines: quote.lines } });
  });

  it('are without those of the quote when it cannot be read, and say so', async () => {
    const { text } = await shownOf(asking('APPROVAL_NEEDED', ask), () => Promise.reject(new Error('no network')));
    expect(text).toContain('the quote could not be read: no network');
    expect(text).toContain('Is this order approved?');
  });

  it('about a code are what the quote says of it, and where the codes of the ERP are', async () => {
    const wait = { kind: 'person', since: NOW, times: 1, ...cause } as const;
    const { ledger, context } = stage([{ ...accepted, wait }]);
    await openCauseTask(ledger, cause, inSeconds(60));
    const { text } = await show(context, {}, causeTaskId(cause.cause));
    expect(text).toMatch(/^in the quote +P-3, Chai 3, 60\.00 EUR per box$/m);
    expect(text).toContain('CODE is what ERP erp itself calls the product P-3 of the quote: look it up there.');
    expect(text).toContain('npx quotebridge reference list product --tenant acme --erp erp    shows what others are called');
    expect(text).not.toContain('Lines of the quote');
  });
});

describe('an answer on the command line', () => {
  const own: Ask = { ...ask, requestedBy: 'berta@example.com' };
  const at = '2026-01-01 13:00:00 UTC';

  /** The answers of several people to the one question of an order, an hour after it was asked. */
  async function world(head: Head = asking('APPROVAL_NEEDED', own)) {
    const memory = ledgerWith([{ ...head, task: undefined }], inSeconds(3600));
    await memory.ledger.change(KEY, () => ({ next: head, answer: null }));
    const id = taskIdOf(head);
    const config = { stage: 'local', cloud: 'local', policy };
    const nothing = async () => undefined;
    const answerOf = async (by: string, option: TaskOption, reason = 'because') => {
      const task = await findTask(memory.ledger, id);
      const seen = task && seenOf(task);
      const context = { ledger: memory.ledger, config, defaults, actor: async () => by, sendRun: nothing, sendCause: nothing };
      return decide(context as unknown as Context, { reason, ...(seen && { seen }) }, id, option);
    };
    /** Nobody has answered until it was due, and the policy decides. */
    const byDefault = (atLast: 'cancel' | 'reject') =>
      memory.ledger.change(KEY, (now) => decideEscalate(now, now.task?.dueAt ?? '', { escalate: [], atLast }, around));
    const refusal = (why: string) => ({
      name: 'Refused',
      message: `Task ${id}: ${why}.`,
      cure: `npx quotebridge tasks show ${id}    shows how it stands`,
    });
    return { ...memory, id, answerOf, byDefault, refusal };
  }

  it('that comes after the default of the policy is told what was decided instead, and when, also when something else was decided since', async () => {
    const { answerOf, byDefault, refusal, ledger, head } = await world();
    await byDefault('reject');
    const late = refusal(
      `too late: nobody had answered, and the policy decided reject at ${instant(head(KEY).decided?.at ?? '')} UTC; nothing changes`,
    );
    await expect(answerOf('anna', 'approve')).rejects.toMatchObject(late);
    expect(head(KEY).stops.policy).toMatchObject({ by: 'system' });
    const other: Decided = { task: 'another', code: 'ERP_REFUSED', option: 'retry', by: 'eve', at: NOW, reason: 'x' };
    await ledger.change(KEY, (now) => ({ next: { ...now, decided: other }, answer: null }));
    await expect(answerOf('anna', 'approve')).rejects.toMatchObject(late);
  });

  it('to a question as it was read is none to the same one that was asked anew since', async () => {
    const { id, ledger, head } = await world();
    const context = {
      ledger,
      config: { stage: 'local', cloud: 'local', policy },
      actor: async () => 'anna',
      sendRun: async () => {},
    } as unknown as Context;
    const read = await findTask(ledger, id);
    if (!read) throw new Error('nobody is asked');
    await ledger.change(KEY, (now) => ({ next: { ...now, task: now.task && { ...now.task, openedAt: inSeconds(60) } }, answer: null }));
    const { ok, text } = await answerTo(context, read, 'reject', { reason: 'no longer wanted' }, undefined);
    expect([ok, text]).toEqual([false, expect.stringContaining('not open any more: ')]);
    expect(head(KEY).task?.id).toBe(id);
  });

  it('of who is not a member of the group that is asked changes nothing, and leads to who may', async () => {
    const { answerOf, refusal, head, id, log } = await world();
    const writes = log.writes;
    const why = refusal('not authorised: cli:eve is not of the group sales-operations, which is asked');
    await expect(answerOf('cli:eve', 'approve')).rejects.toMatchObject(why);
    expect([head(KEY).task?.id, log.writes]).toEqual([id, writes]);
  });

  it('is not given by who asked for it; a rejection is', async () => {
    const { answerOf, refusal, head } = await world();
    await expect(answerOf('berta', 'approve')).rejects.toMatchObject(refusal('not authorised: nobody approves what they asked for themselves'));
    expect(head(KEY).approvals).toEqual({});
    expect((await answerOf('berta', 'reject')).text).toContain('decided: The order is undone');
  });

  it('given again by the same person is told to be so already, and is no failure', async () => {
    const { answerOf, facts } = await world(asking('ERP_REFUSED'));
    expect((await answerOf('eve', 'cancel', 'no longer wanted')).text).toContain('decided: ');
    const { text } = await answerOf('eve', 'cancel', 'once more');
    expect(text).toContain(`already decided: cancel by eve at ${at}, "no longer wanted"; nothing changes`);
    expect(facts(KEY)).toEqual(['order.decided.v1']);
  });

  it('is given in the name of another person on a local cloud alone', async () => {
    const { id, ledger, head, log } = await world();
    const writes = log.writes;
    const config = { stage: 'prod', cloud: 'aws', policy };
    const context = { ledger, config, defaults, actor: async () => 'arn:eve' } as unknown as Context;
    const refused = { name: 'Usage', message: '--as is for local clouds: on stage prod you are arn:eve.' };
    await expect(decide(context, { reason: 'because', as: 'berta' }, id, 'reject')).rejects.toMatchObject(refused);
    await expect(assign(context, { reason: 'because', as: 'berta' }, id, 'anna')).rejects.toMatchObject(refused);
    expect([head(KEY).task?.id, log.writes]).toEqual([id, writes]);
  });

  it('of a second person that says something else is told who was first, when and why', async () => {
    const { answerOf, refusal, facts } = await world();
    await answerOf('berta', 'reject', 'no longer wanted');
    await expect(answerOf('anna', 'approve')).rejects.toMatchObject(
      refusal(`already decided: reject by berta at ${at}, "no longer wanted"; nothing changes`),
    );
    expect(facts(KEY)).toEqual(['order.decided.v1']);
  });
});

describe('an answer, for people', () => {
  const decided: Decided = { task: 't', code: 'ERP_REFUSED', option: 'cancel', by: 'cli:eve', at: NOW, reason: 'no' };
  it.each([
    [{ answer: 'decided', decided }, 'decided: What was made of it is undone'],
    [{ answer: 'approved in part', next: 'finance' }, 'finance is asked next'],
    [{ answer: 'already decided', decided }, 'cancel by cli:eve at 2026-01-01 12:00:00 UTC, "no"'],
    [{ answer: 'too late', decided }, 'the policy decided cancel'],
    [{ answer: 'not open any more', why: 'it went on' }, 'it went on'],
    [{ answer: 'not allowed', options: ['retry', 'cancel'] }, 'retry, cancel'],
    [{ answer: 'not authorised', why: 'a stranger' }, 'a stranger'],
    [{ answer: 'not possible', why: 'a draft stands' }, 'a draft stands'],
    [
      { answer: 'only corrected', what: 'customer A is C now', instead: { answer: 'already decided', decided } },
      'customer A is C now, and that stays; the question itself was already decided: cancel by cli:eve',
    ],
    [{ answer: 'unknown' }, 'no such task'],
  ] as const)('%j is told', (answer, text) => {
    expect(answerText(answer)).toContain(text);
  });
});
