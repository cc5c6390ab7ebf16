import { expect, test } from 'vitest';
import { count, facts, plain, relative, shortened, table } from '../../cli/print.ts';

test('a table aligns its columns, numbers to the right, and leaves no blanks at the end of a line', () => {
  const text = table(
    ['NAME', '>TOTAL', 'NOTE'],
    [
      ['a', '9.00 EUR', undefined],
      ['longer', '1200.50 USD', 'x'],
    ],
  );
  expect(text.split('\n')).toEqual(['NAME          TOTAL  NOTE', 'a          9.00 EUR', 'longer  1200.50 USD  x']);
});

test('text of others cannot steer the terminal', () => {
  expect(plain('a\u001b[31mred\r\nb')).toBe('a [31mred b');
  expect(plain('Q-\u202E1\u2066\u200Fb\u061C')).toBe('Q- 1 b ');
  expect(table(['A'], [['x\ny']])).toBe('A\nx y');
});

test('facts leave out what is not known', () => {
  expect(
    facts([
      ['order', 'K'],
      ['wait', undefined],
      ['due', 'now'],
    ]),
  ).toBe('order  K\ndue    now');
});

test.each([
  [0, 'now'],
  [-12, '12 s ago'],
  [90, 'in 2 min'],
  [3 * 3600, 'in 3 h'],
  [86_399, 'in 24 h'],
  [-3 * 86_400, '3 d ago'],
])('%i seconds from now is %s', (seconds, text) => {
  const now = new Date('2026-01-01T00:00:00Z');
  expect(relative(new Date(now.getTime() + seconds * 1000).toISOString(), now)).toBe(text);
});

test('one is singular', () => {
  expect([count(1, 'order'), count(2, 'order'), count(0, 'order')]).toEqual(['1 order', '2 orders', '0 orders']);
});

test('a long text is cut, a short one is not', () => {
  expect(shortened('abcdef', 4)).toBe('abc…');
  expect(shortened('abcd', 4)).toBe('abcd');
});
