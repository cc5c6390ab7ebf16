import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import local from '../../config/local.ts';
import { stageConfig } from '../../config/schema.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { causeOf } from '../../contracts/reference.ts';
import type { Wait } from '../../lambdas/domain/head.ts';
import { defaultsOf } from '../../lambdas/views/defaults.ts';
import { nextCommand, shellWord } from '../../lambdas/views/next-command.ts';

const orderKey = '0123456789ABCDEFGHJK';
const since = '2026-01-01T00:00:00.000Z';
const defaults = { stage: 'local', tenant: 'northwind', erp: 'main' };
const waitingFor = (code: ErrorCode, wait: Partial<Wait> = {}) => ({ orderKey, wait: { kind: 'person' as const, code, since, times: 1, ...wait } });
const forPeople = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].retry === 'person');

describe('the next command', () => {
  test('maps the code that an order waits for, wherever its tenant and ERP are the default', () => {
    const cause = causeOf('northwind', 'main', 'customer', 'ACC-CHOPS');
    const next = nextCommand(waitingFor('CUSTOMER_UNKNOWN', { cause }), defaults);
    expect(next?.command).toBe('npx quotebridge reference set customer ACC-CHOPS <ERP customer>');
  });

  test('names tenant, ERP and stage where they are not the default, and quotes what a shell would take apart', () => {
    const cause = causeOf('acme', 'sim', 'product', "X;'$(id)'");
    const next = nextCommand(waitingFor('PRODUCT_UNMAPPED', { cause }), { ...defaults, stage: 'prod' });
    expect(next?.blank).toEqual({ text: '<ERP product>', kind: 'product', erp: 'sim' });
    expect(next?.command).toBe(`npx quotebridge reference set product 'X;'\\''$(id)'\\''' <ERP product> --tenant acme --erp sim --stage prod`);
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
