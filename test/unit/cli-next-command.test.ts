import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import local from '../../config/local.ts';
import { stageConfig } from '../../config/schema.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { causeOf } from '../../contracts/reference.ts';
import { type CauseTask, opened } from '../../lambdas/domain/cause-task.ts';
import type { Wait } from '../../lambdas/domain/waiting.ts';
import { defaultsOf } from '../../lambdas/views/defaults.ts';
import { nextCommand, shellWord } from '../../lambdas/views/next-command.ts';
import { taskView } from '../../lambdas/views/task.ts';
import { policy } from './task-fixtures.ts';

const orderKey = '0123456789ABCDEFGHJK';
const since = '2026-01-01T00:00:00.000Z';
const defaults = { stage: 'local', tenant: 'northwind', erp: 'main' };
const waitingFor = (code: ErrorCode, wait: Partial<Wait> = {}) => ({ orderKey, wait: { kind: 'person' as const, code, since, times: 1, ...wait } });
const forPeople = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].retry === 'person');

describe('the next command', () => {
  test.each(['local', 'prod'])('answers the question about a code with the very command that the question shows: %s', (stage) => {
    const cause = causeOf('acme', 'sim', 'product', "X;'$(id)'");
    const next = nextCommand(waitingFor('PRODUCT_UNMAPPED', { cause }), { stage });
    const task = opened(undefined, { cause, causeVersion: 0, code: 'PRODUCT_UNMAPPED' }, since, since) as CauseTask;
    const { options } = taskView(task, { heads: [], more: false }, policy, { ...defaults, stage }, new Date(since));
    expect(next?.command).toBe(options.find(({ option }) => option === 'correct')?.command);
    expect(next?.command).toMatch(/^npx quotebridge tasks decide [0-9a-f]{20} correct --target CODE --reason TEXT/);
    expect(next?.blank).toEqual({ text: 'CODE', kind: 'product', erp: 'sim' });
  });

  test('answers the question about an ERP instance for all orders that wait for it', () => {
    const cause = causeOf('acme', 'sim', 'instance', 'sim');
    const next = nextCommand(waitingFor('ERP_AUTHENTICATION', { cause }), defaults);
    const task = opened(undefined, { cause, causeVersion: 0, code: 'ERP_AUTHENTICATION' }, since, since) as CauseTask;
    const view = taskView(task, { heads: [], more: false }, policy, defaults, new Date(since));
    expect(view.options.map(({ option }) => option)).toEqual(['retry', 'cancel']);
    expect(view.question).toContain('ERP sim does not let us in');
    expect(next).toEqual({ cure: ERRORS.ERP_AUTHENTICATION.cure, command: view.options[0]?.command });
  });

  test.each([
    ['CUSTOMER_BLOCKED', causeOf('acme', 'sim', 'customer', 'ACC-1'), 'ERP sim does not sell to the customer that ACC-1 is mapped to'],
    ['TAX_COUNTRY_UNKNOWN', causeOf('acme', 'tax', 'country', 'FR'), 'Nobody has said what tax FR takes'],
    ['ERP_NOT_CONFIGURED', causeOf('acme', 'sim', 'instance', 'sim'), 'There is no ERP sim in our configuration'],
  ] as const)('answers the question that orders share with %s once its cause is gone', (code, cause, question) => {
    const next = nextCommand(waitingFor(code, { cause }), defaults);
    const task = opened(undefined, { cause, causeVersion: 0, code }, since, since) as CauseTask;
    const view = taskView(task, { heads: [], more: false }, policy, defaults, new Date(since));
    expect(view.question).toContain(question);
    expect(next).toEqual({ cure: ERRORS[code].cure, command: view.options.find(({ option }) => option === 'retry')?.command });
  });

  test('does not say of an ERP that was away for too long that it passes by itself', () => {
    const cause = causeOf('acme', 'sim', 'outage', 'sim');
    const next = nextCommand(waitingFor('ERP_UNAVAILABLE', { cause }), defaults);
    expect(next?.cure).toContain('ERP sim has not answered for as long as its orders try again by themselves');
    expect(next?.command).toMatch(/tasks decide [0-9a-f]{20} retry/);
    expect(nextCommand(waitingFor('ERP_UNAVAILABLE', { kind: 'vendor' }), defaults)).toEqual({ cure: ERRORS.ERP_UNAVAILABLE.cure });
  });

  test('runs the order once its cause was corrected elsewhere', () => {
    const next = nextCommand(waitingFor('PRICE_OUT_OF_TOLERANCE'), defaults);
    expect(next).toEqual({ cure: ERRORS.PRICE_OUT_OF_TOLERANCE.cure, command: `npx quotebridge orders run ${orderKey}` });
  });

  test.each(forPeople)('is there for %s, about which a person has to do something', (code) => {
    expect(nextCommand(waitingFor(code), defaults)?.command).toContain(orderKey);
  });

  test.each(['vendor', 'later', 'settle', 'predecessor'] as const)('is nothing while an order goes on by itself: %s', (kind) => {
    expect(nextCommand(waitingFor('ERP_UNAVAILABLE', { kind }), defaults)).toEqual({ cure: ERRORS.ERP_UNAVAILABLE.cure });
  });

  test('is nothing for an order that does not wait', () => {
    expect(nextCommand({ orderKey }, defaults)).toBeUndefined();
  });
});

test('a word of a command line reaches the program as it was, whatever it holds', () => {
  for (const word of ['ACC-1', 'a b', "it's", '$HOME', '`id`', 'x;y', '*', 'ü']) {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
  }
});

test('the default tenant is the first, its default ERP that of the catch-all route', () => {
  expect(defaultsOf(stageConfig.parse(local))).toEqual(defaults);
});
