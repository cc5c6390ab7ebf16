import { expect, it } from 'vitest';
import { explorations } from '../campaigns/exploration.ts';

it('the row of the exploration says how many scopes were whole, so that no violation is not taken for more than it is', () => {
  const cut = explorations({ form: 'short', part: 1 }, { states: 200, seconds: 60 });
  expect(cut.verdict).toMatchObject({ at: 'states, 0 of 1 scopes whole', violations: 0 });
  expect(cut.lines).toMatchObject([[expect.anything(), expect.stringMatching(/^not whole/)]]);
  const { verdict } = explorations({ form: 'short', part: 1 });
  expect(verdict).toMatchObject({ at: 'states, 1 of 1 scopes whole' });
});
