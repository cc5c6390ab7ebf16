import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { valueText } from '../../cli/policy.ts';
import { patientRules } from '../../config/policies/rules.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import { calendar, orderRules, owner, rules } from '../../contracts/rules.ts';
import { questionsOf } from '../../lambdas/domain/approval.ts';
import { afterWorking } from '../../lambdas/domain/calendar.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { decideRaise, decideSettle } from '../../lambdas/domain/protocol/index.ts';
import { originsOf, parkingOf } from '../../lambdas/domain/rules.ts';
import { active, end, failed, NOW, times } from './domain-fixtures.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');

/** What follows `<!-- example name -->`, up to the next blank line after its table or the end of its block. */
const after = (name: string): string => page.split(`<!-- example ${name} -->\n`)[1] ?? '';
const jsonOf = (name: string): unknown => JSON.parse(/^```json\n([\s\S]*?)```/.exec(after(name))?.[1] ?? '');
const tableOf = (name: string): string[][] =>
  (/^(\|.*\n?)+/.exec(after(name))?.[0] ?? '')
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const policy = { rules: rules.parse({ ...patientRules, ...(jsonOf('rules') as object) }), owners: {}, times: { lookAgain: 600 } } as never;
const place = { tenant: 'acme', region: 'EU', businessUnit: 'hardware' };

test('every field of the rules and of the owners stands on the page', () => {
  const { retry, approvals, askingOtherwise, tolerance } = orderRules.shape;
  const inside = (schema: z.ZodType): string[] => {
    if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
    if (schema instanceof z.ZodRecord) return inside(schema.valueType as z.ZodType);
    return schema instanceof z.ZodNullable || schema instanceof z.ZodOptional ? inside(schema.unwrap() as z.ZodType) : [];
  };
  const rule = (approvals.valueType as z.ZodNullable<z.ZodObject>).unwrap();
  const fields = [
    ...Object.keys(orderRules.shape),
    ...inside(retry).map((name) => `retry.${name}`),
    ...inside(askingOtherwise).map((name) => `asking.${name}`),
    ...inside(tolerance),
    ...inside(rule),
    ...inside(rule.shape.when as z.ZodType),
    ...inside(owner),
    ...Object.keys((calendar as unknown as { shape: object }).shape).map((name) => `calendar.${name}`),
  ];
  expect(fields.length).toBeGreaterThan(35);
  expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
});

test('example 1: the rules of the order come from where the page says', () => {
  const origins = originsOf(policy, place);
  const rows = tableOf('origins');
  expect(rows).toHaveLength(6);
  for (const [rule, from, value] of rows) {
    const found = origins.find((one) => one.rule === rule);
    expect([rule, found?.from, valueText(found?.value)]).toEqual([rule, from, value]);
  }
});

test('example 1: it tries again as often as the page says, then a person is asked', () => {
  const parking = { ...parkingOf(policy, { ...active, ...place, route: { ...place, erp: 'main' } }), answerDue: () => NOW };
  let head: Head = active;
  const found = tableOf('retries').map((_, at) => {
    const run = 3 + at;
    const { next } = decideSettle({ ...head, ...failed('ERP_UNAVAILABLE', 'create-draft', run) }, end({ run, parking }));
    head = decideRaise({ ...(next ?? head), dueAt: NOW }, 1, 'p', NOW, times).next ?? head;
    const seconds = next?.wait?.kind === 'person' ? '' : String((Date.parse(next?.dueAt ?? '') - Date.parse(NOW)) / 1000);
    return [String(at + 1), next?.wait?.kind, seconds];
  });
  expect(found).toEqual(tableOf('retries'));
});

test('example 2: the matrix asks what the page says', () => {
  const line = { id: '1', product: 'P', quantity: '100', listPrice: '120.00', netPrice: '90.00', cost: '80.00' };
  const quote = { currency: 'EUR', total: '9000.00', lines: [line] } as unknown as QuoteDocument;
  const questions = questionsOf({ approvals: orderRules.shape.approvals.parse(jsonOf('matrix')) }, { place, quote, erpPrices: ['120.00'] });
  expect(questions.map(({ ask, detail }) => [ask.subject, detail, ask.value, ask.approvers?.join(', ')])).toEqual(tableOf('questions'));
});

test('example 2: the answer is due when the page says', () => {
  const rows = tableOf('due');
  expect(rows).toHaveLength(1);
  for (const [asked = '', due] of rows) expect(afterWorking(calendar.parse(jsonOf('calendar')), asked, 28_800)).toBe(due);
});
