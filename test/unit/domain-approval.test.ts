import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patientRules } from '../../config/policies/rules.ts';
import type { Milestone } from '../../contracts/events.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import type { ApprovalRule, OrderRules } from '../../contracts/rules.ts';
import { covers, deviationOf, discountOf, firstOpen, marginOf, questionsOf, type Terms } from '../../lambdas/domain/approval.ts';
import type { QuoteItem } from '../../lambdas/domain/head.ts';
import { withMilestone } from '../../lambdas/domain/milestones.ts';
import { approvalsNeeded, type Evidence } from '../../lambdas/domain/questions.ts';
import type { Ask } from '../../lambdas/domain/waiting.ts';

const HASH = 'c'.repeat(64);
const base = { id: '1', product: 'P', quantity: '10', unit: 'unit', charge: 'one-time' as const };
const line = { ...base, listPrice: '10.00', netPrice: '8.00', amount: '80.00', family: 'hardware', cost: '6.00' };
const quote: QuoteDocument = {
  cpq: 'c',
  id: 'q',
  revision: 1,
  currency: 'EUR',
  total: '80.00',
  channel: 'direct',
  parties: [{ role: 'sold-to', customer: 'A' }],
  paymentTerm: 'net-60',
  shipping: { freight: '0.00' },
  lines: [line],
};
const terms: Terms = { place: { region: 'EU', businessUnit: 'trade' }, quote, erpPrices: ['10.00'] };
const rule = (when: ApprovalRule['when'], approvers: ApprovalRule['approvers'] = ['finance']): ApprovalRule => ({
  title: 'A question',
  when,
  approvers,
});
const asks = (when: ApprovalRule['when'], of: Terms = terms) => questionsOf({ approvals: { r: rule(when) } }, of)[0];

describe('a condition of the matrix', () => {
  it.each<[string, ApprovalRule['when'], string | undefined, string?]>([
    ['the discount is above', { discountAbove: '0.15' }, '0.200000', 'a discount of 20 %'],
    ['the discount is at it', { discountAbove: '0.2' }, undefined],
    ['the margin is below', { marginBelow: '0.3' }, '0.250000', 'a margin of 25 %'],
    ['the margin is at it', { marginBelow: '0.25' }, undefined],
    ['the amount is above', { amountAbove: { EUR: '79.99' } }, '80.00', 'an amount of 80.00 EUR'],
    ['the amount is at it', { amountAbove: { EUR: '80' } }, undefined],
    ['the currency is not named: nobody knows what it is worth', { amountAbove: { USD: '1000000' } }, '80.00'],
    ['nothing is given: every order', {}, 'no value'],
    ['the region is named', { regions: ['US', 'EU'] }, 'no value'],
    ['the region is another', { regions: ['US'] }, undefined],
    ['the business unit is named', { businessUnits: ['trade'] }, 'no value'],
    ['the business unit is another', { businessUnits: ['service'] }, undefined],
    ['a line is of the family', { families: ['hardware'] }, 'no value'],
    ['no line is of the family', { families: ['software'] }, undefined],
    ['the payment term is named', { paymentTerms: ['net-60'] }, 'no value'],
    ['the payment term is another', { paymentTerms: ['net-30'] }, undefined],
    ['all of several hold', { regions: ['EU'], discountAbove: '0.1', amountAbove: { EUR: '1' } }, '0.200000'],
    ['one of several does not', { regions: ['US'], discountAbove: '0.1' }, undefined],
  ])('%s', (_what, when, value, words = '') => {
    const question = asks(when);
    expect(question && (question.ask.value ?? 'no value')).toBe(value);
    if (question) expect(question).toMatchObject({ code: 'APPROVAL_NEEDED', ask: { subject: 'r', approvers: ['finance'] } });
    expect(question?.detail ?? '').toContain(words);
  });

  it('counts a line without a cost as without margin, and says so', () => {
    const question = asks({ marginBelow: '0.2' }, { ...terms, quote: { ...quote, lines: [line, { ...line, id: '2', cost: undefined }] } });
    expect(question).toMatchObject({
      detail: 'A question: a margin of 12.5 % (1 of 2 lines without a cost)',
      ask: { value: '0.125000', worse: 'smaller' },
    });
  });

  it('does not fall over goods that are given away, or that have no list price', () => {
    const free = { ...quote, lines: [{ ...line, netPrice: '0', amount: '0' }] };
    expect(discountOf(free).toFixed()).toBe('1');
    expect(marginOf(free).toFixed()).toBe('-1');
    expect(marginOf({ ...free, lines: [{ ...line, netPrice: '0', amount: '0', cost: undefined }] }).toFixed()).toBe('0');
    expect(discountOf({ ...quote, lines: [{ ...line, listPrice: '0' }] }).toFixed()).toBe('0');
  });

  it("compares list prices with the ERP's: within either bound passes, and what is beyond is counted over the order", () => {
    const at = (erp: string | undefined, when: ApprovalRule['when']['priceDeviationAbove']) =>
      asks({ priceDeviationAbove: when }, { ...terms, erpPrices: [erp] });
    expect(at('10.50', { relative: '0.05' })).toBeUndefined();
    expect(at('10.53', { relative: '0.05' })?.ask).toMatchObject({ value: '5.30', worse: 'larger' });
    expect(at('10.53', { relative: '0.05', absolute: '0.60' })).toBeUndefined();
    expect(at('10.53', { absolute: '0.50' })?.detail).toContain('product P: list price 10.00 in the quote, 10.53 in the ERP (EUR)');
    expect(at(undefined, { absolute: '0.50' })?.detail).toContain('none in the ERP');
    const two = { quote: { ...quote, lines: [line, { ...line, id: '2', quantity: '2', product: 'Q' }] }, erpPrices: ['11', '12'] };
    expect(deviationOf(two, { absolute: '0.01' })).toMatchObject({
      value: '14.00',
      lines: [1, 2],
      text: '14.00 EUR over 2 lines: product P: list price 10.00 in the quote, 11 in the ERP; product Q: list price 10.00 in the quote, 12 in the ERP (EUR)',
    });
    const four = { quote: { ...quote, lines: [line, line, line, line] }, erpPrices: ['11', '11', '11', '11'] };
    expect(deviationOf(four, { absolute: '0.01' })?.text).toMatch(/; and 1 more \(EUR\)$/);
  });

  it('has the value that can get worse under the same content as its bound, where it has several', () => {
    const when = { discountAbove: '0.1', priceDeviationAbove: { relative: '0.01' }, amountAbove: { EUR: '1' } };
    expect(asks(when, { ...terms, erpPrices: ['11.00'] })).toMatchObject({
      detail: 'A question: product P: list price 10.00 in the quote, 11.00 in the ERP (EUR), a discount of 20 %, an amount of 80.00 EUR',
      ask: { value: '10.00', worse: 'larger' },
    });
  });
});

describe('the matrix', () => {
  const approvals = { b: rule({}, ['finance', 'sales-operations']), a: rule({ discountAbove: '0.1' }), c: null, d: rule({ regions: ['US'] }) };

  it('asks in the order of the ids, and not for what was taken away or does not apply', () => {
    expect(questionsOf({ approvals }, terms).map(({ ask }) => [ask.subject, ask.approvers])).toEqual([
      ['a', ['finance']],
      ['b', ['finance', 'sales-operations']],
    ]);
  });

  it('asks one question after the other', () => {
    const questions = questionsOf({ approvals }, terms);
    const by = [{ group: 'finance' as const, by: 'cli:anna', at: '2026-01-01T00:00:00.000Z' }];
    const open = (given: object) => firstOpen(questions, { approvals: given as never, contentHash: HASH })?.ask.subject;
    expect(open({})).toBe('a');
    const a = { contentHash: HASH, measure: 'discount', value: '0.2', by };
    expect(open({ a })).toBe('b');
    expect(open({ a, b: { contentHash: HASH, by } })).toBeUndefined();
  });
});

describe('an approval', () => {
  const by = [{ group: 'finance' as const, by: 'cli:anna', at: '2026-01-01T00:00:00.000Z' }];
  const decimal = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => Big(n).div(1000).toFixed(3));

  it('covers exactly what is not worse, for the same content only', () => {
    fc.assert(
      fc.property(decimal, decimal, fc.constantFrom('larger' as const, 'smaller' as const), (approved, value, worse) => {
        const isWorse = worse === 'larger' ? Number(value) > Number(approved) : Number(value) < Number(approved);
        const approval = { contentHash: HASH, measure: 'margin', value: approved, by } as const;
        expect(covers(approval, HASH, { measure: 'margin', value, worse })).toBe(!isWorse);
        expect(covers(approval, 'd'.repeat(64), { measure: 'margin', value, worse })).toBe(false);
        expect(covers(approval, HASH, { measure: 'discount', value, worse })).toBe(false);
      }),
    );
  });

  it('of lines covers no other line, however little that one differs', () => {
    const two = { ...quote, lines: [line, { ...line, id: '2', product: 'Q' }] };
    const asked = (...erpPrices: string[]) =>
      questionsOf({ approvals: { r: rule({ priceDeviationAbove: { absolute: '0.5' } }) } }, { ...terms, quote: two, erpPrices })[0]?.ask;
    const both = { contentHash: HASH, by, ...asked('11.00', '12.00') };
    const first = { contentHash: HASH, by, ...asked('12.00', '10.00') };
    expect([first.lines, both.lines]).toEqual([[1], [1, 2]]);
    const second = asked('10.00', '11.00') ?? {};
    expect([covers(first, HASH, second), covers(both, HASH, second)]).toEqual([false, true]);
    expect(covers(first, HASH, asked('11.00', '10.00') ?? {})).toBe(true);
  });

  it('of a question without a value covers it while the content is the same; a value is not covered by one', () => {
    expect(covers({ contentHash: HASH, by }, HASH, {})).toBe(true);
    expect(covers({ contentHash: HASH, by }, HASH, { measure: 'discount', value: '1', worse: 'larger' })).toBe(false);
    expect(covers(undefined, HASH, {})).toBe(false);
  });
});

describe('an approval whose rule is changed', () => {
  const by = [{ group: 'finance' as const, by: 'cli:anna', at: '2026-01-01T00:00:00.000Z' }];
  const large = { ...quote, total: '12000', lines: [{ ...line, netPrice: '1.00' }] };
  const ask = (when: ApprovalRule['when']) => questionsOf({ approvals: { r: rule(when) } }, { ...terms, quote: large })[0]?.ask;

  it('to measure something else does not hold: an amount of 12000 is no discount of 0.9', () => {
    const amount = ask({ amountAbove: { EUR: '1' } });
    const approval = { contentHash: HASH, measure: amount?.measure, value: amount?.value, by };
    expect(approval).toMatchObject({ measure: 'amount', value: '12000' });
    expect(covers(approval, HASH, ask({ amountAbove: { EUR: '10' } }) ?? {})).toBe(true);
    expect(ask({ discountAbove: '0.5' })).toMatchObject({ measure: 'discount', value: '0.900000' });
    expect(covers(approval, HASH, ask({ discountAbove: '0.5' }) ?? {})).toBe(false);
    expect(covers(approval, HASH, ask({ families: ['hardware'] }) ?? {})).toBe(false);
  });

  it('to be about other terms does not hold either, whatever it measures', () => {
    const families: Partial<Ask> = ask({ families: ['hardware'] }) ?? {};
    expect(families.rule).toMatch(/^[0-9a-f]{12}$/);
    const approval = { contentHash: HASH, by, ...families };
    expect(covers(approval, HASH, ask({ families: ['hardware'] }) ?? {})).toBe(true);
    expect(covers(approval, HASH, { ...families, rule: 'another' })).toBe(false);
    expect(covers({ contentHash: HASH, by }, HASH, families)).toBe(false);
    expect(ask({ amountAbove: { EUR: '1' } })).not.toHaveProperty('rule');
  });

  it('or that was given before measures were kept covers no value', () => {
    expect(covers({ contentHash: HASH, value: '12000', by }, HASH, ask({ amountAbove: { EUR: '1' } }) ?? {})).toBe(false);
    expect(covers({ contentHash: HASH, value: '12000', by }, HASH, { value: '1', worse: 'larger' })).toBe(false);
  });
});

describe("the CPQ's own approval", () => {
  const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
  const nothing: QuoteItem = { tenant: 'acme', cpq: 'c', id: 'q', version: 0, withdrawnUpTo: 0, milestones: {} };
  type Told = [milestone: Milestone, revision: number, day: number];
  const told = (milestones: readonly Told[]): QuoteItem =>
    milestones.reduce((item, [name, revision, day]) => withMilestone(item, name, revision, at(day)) ?? item, nothing);
  it.each<[string, Told[], boolean]>([
    ['none', [], false],
    ['of this revision', [['approved', 2, 1]], true],
    ['of another revision', [['approved', 1, 1]], false],
    [
      'taken back',
      [
        ['approved', 2, 1],
        ['rejected', 2, 2],
      ],
      false,
    ],
    [
      'taken back, told in the other order',
      [
        ['rejected', 2, 2],
        ['approved', 2, 1],
      ],
      false,
    ],
    [
      'taken back with the same stamp',
      [
        ['approved', 2, 1],
        ['rejected', 2, 1],
      ],
      false,
    ],
    [
      'taken back with the same stamp, told in the other order',
      [
        ['rejected', 2, 1],
        ['approved', 2, 1],
      ],
      false,
    ],
    [
      'taken back, and another revision was rejected after it',
      [
        ['approved', 2, 1],
        ['rejected', 2, 2],
        ['rejected', 3, 3],
      ],
      false,
    ],
    [
      'taken back: the revision was submitted again',
      [
        ['approved', 2, 1],
        ['submitted', 2, 2],
      ],
      false,
    ],
    [
      'taken back: the revision was submitted again, told in the other order',
      [
        ['submitted', 2, 2],
        ['approved', 2, 1],
      ],
      false,
    ],
    [
      'taken back: the revision is a draft again',
      [
        ['approved', 2, 1],
        ['created', 2, 2],
      ],
      false,
    ],
    [
      'given when it was made, submitted and approved with one stamp, told in another order',
      [
        ['submitted', 2, 1],
        ['approved', 2, 1],
        ['created', 2, 1],
      ],
      true,
    ],
    [
      'and the revision has expired since',
      [
        ['approved', 2, 1],
        ['expired', 2, 2],
      ],
      true,
    ],
    [
      'and another revision was submitted after it',
      [
        ['approved', 2, 1],
        ['submitted', 3, 2],
      ],
      true,
    ],
    [
      'after a rejection',
      [
        ['rejected', 2, 1],
        ['approved', 2, 2],
      ],
      true,
    ],
    [
      'and another revision was rejected',
      [
        ['approved', 2, 1],
        ['rejected', 1, 2],
      ],
      true,
    ],
    [
      'and another revision was approved after it',
      [
        ['approved', 2, 1],
        ['approved', 3, 2],
      ],
      true,
    ],
    [
      'and another was approved before it was told',
      [
        ['approved', 3, 2],
        ['approved', 2, 1],
      ],
      true,
    ],
  ])('%s', (_what, milestones, approved) => {
    expect(told(milestones).verdicts?.[2]?.milestone === 'approved').toBe(approved);
  });

  it('that it refuses is a question for each time: who let one rejection pass is asked of the next', () => {
    const rules = { ...patientRules.default, cpqApproval: 'required', approvals: {} } as OrderRules;
    const evidence = { terms: { ...terms, quote: { ...quote, revision: 2 } }, erp: 'erp', customer: { code: 'C' }, tax: '0.00' };
    const asked = (...rejections: Told[]) => approvalsNeeded(rules, { ...evidence, verdicts: told(rejections).verdicts } as Evidence);
    const by = [{ group: 'sales-operations' as const, by: 'cli:anna', at: at(1) }];
    const [first] = asked(['rejected', 2, 1]);
    const given = { contentHash: HASH, approvals: { [first?.ask.subject ?? '']: { contentHash: HASH, by } } };
    expect(first).toMatchObject({ code: 'CPQ_APPROVAL_MISSING', detail: `the CPQ rejected revision 2 at ${at(1)}` });
    expect(firstOpen(asked(['rejected', 2, 1]), given)).toBeUndefined();
    expect(firstOpen(asked(['rejected', 2, 1], ['rejected', 2, 3]), given)?.detail).toBe(`the CPQ rejected revision 2 at ${at(3)}`);
    // A rejection that nobody has answered does not go away when the revision is submitted again: who let it pass had not heard of it.
    const unjudged = { contentHash: HASH, approvals: { CPQ_APPROVAL_MISSING: { contentHash: HASH, by } } };
    expect(firstOpen(asked(), unjudged)).toBeUndefined();
    expect(firstOpen(asked(['rejected', 2, 2]), unjudged)).toBeDefined();
    expect(firstOpen(asked(['rejected', 2, 2], ['submitted', 2, 3]), unjudged)).toBeDefined();
    const [again] = asked(['approved', 2, 1], ['submitted', 2, 3]);
    expect(again?.detail).toBe(`the CPQ has told of no approval of revision 2 since it was submitted at ${at(3)}`);
  });

  it('that is told twice writes nothing', () => {
    expect(withMilestone(told([['approved', 2, 1]]), 'approved', 2, at(1))).toBeUndefined();
  });
});
