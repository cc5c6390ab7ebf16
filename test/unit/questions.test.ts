import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { QUESTIONS } from '../../contracts/questions.ts';
import { RUNBOOK, RUNBOOK_OF_CODE } from '../../contracts/runbooks.ts';
import { questionOf } from '../../lambdas/views/question.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];
const featureOf = (code: ErrorCode): string => RUNBOOK[RUNBOOK_OF_CODE[code]].feature;
/** Orders wait with these: for a person at once, or when they have tried again as often as the policy says. Others are of messages in queues. */
const asking = codes.filter(
  (code) =>
    ERRORS[code].retry === 'person' ||
    ['QUOTE_CONTENT_CHANGED', 'RESTORE_REVISION_MISSING'].includes(code) ||
    (ERRORS[code].retry !== 'never' && featureOf(code) === 'quote-to-order'),
);

describe('the question that a person is asked', () => {
  it('is one of its own for each code that an order can ask with', () => {
    expect(Object.keys(QUESTIONS).sort()).toEqual(asking.toSorted());
    expect(asking).toEqual(expect.arrayContaining(['ERP_REFUSED', 'ERP_ORDER_STUCK', 'ERP_ANSWER_UNKNOWN', 'NEWS_ARRIVED']));
    expect(new Set(asking.map((code) => questionOf(code))).size).toBe(asking.length);
  });

  it.each(asking)('of %s is a question, without a code, a command or a word of this system', (code) => {
    expect(questionOf(code)).toMatch(/^[A-Z].*\?$/);
    expect(questionOf(code)).not.toMatch(/[A-Z]{2,}_|quotebridge|retry|HEAD|pivot/);
  });
});
