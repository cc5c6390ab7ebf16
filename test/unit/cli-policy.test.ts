import { expect, test } from 'vitest';
import { policyText } from '../../cli/policy.ts';
import { patientRules } from '../../config/policies/rules.ts';
import { rules } from '../../contracts/rules.ts';
import { policyView } from '../../lambdas/views/policy.ts';
import { accepted, inSeconds, KEY } from './domain-fixtures.ts';

const policy = {
  rules: rules.parse({
    ...patientRules,
    regions: {
      EU: { approvals: { discount: { title: 'A high discount', when: { discountAbove: '0.2' }, approvers: ['sales-operations', 'finance'] } } },
    },
    businessUnits: { main: { retry: { ERP_BUSY: { seconds: 5, times: 3, jitter: 0 } } } },
    tenants: { acme: { deadlines: { complete: 60 }, approvals: { every: null } } },
  }),
};
const head = { ...accepted, deadline: inSeconds(60), run: { ...accepted.run, n: 2, policyHash: 'aaaa' } };
const line = (text: string, start: string): string | undefined => text.split('\n').find((one) => one.startsWith(start));

test('every rule of an order stands with its value and the level that says it', () => {
  const view = policyView(head, policy, { deployed: 'aaaa', here: 'aaaa' });
  expect(view).toMatchObject({
    orderKey: KEY,
    tenant: 'acme',
    region: 'EU',
    businessUnit: 'main',
    policy: { here: 'aaaa', deployed: 'aaaa', lastRun: 'aaaa' },
  });
  const text = policyText(view);
  expect(line(text, 'levels')).toContain('default -> region EU -> business unit main -> tenant acme');
  expect(line(text, 'complete by')).toContain('2026-01-01 12:01:00 UTC');
  expect(line(text, 'retry.ERP_BUSY')).toMatch(/ business unit main +seconds 5, times 3, jitter 0$/);
  expect(line(text, 'retry.hold')).toMatch(/ built in +seconds 300, times 288, jitter 0.2$/);
  expect(line(text, 'deadlines')).toMatch(/ tenant acme +complete 60$/);
  expect(line(text, 'afterPivot')).toMatch(/ default +task$/);
  expect(line(text, 'approvals.every')).toMatch(/ tenant acme +taken away$/);
  expect(line(text, 'approvals.discount')).toMatch(
    / region EU +title A high discount, when {discountAbove 0.2}, approvers \[sales-operations, finance\]$/,
  );
  expect(text).not.toContain('another policy');
});

test('it is said when the rules that are shown are not those of the last run, or not yet in force', () => {
  expect(policyText(policyView(head, policy, { deployed: 'bbbb', here: 'bbbb' }))).toContain('The last run followed another policy');
  expect(policyText(policyView(head, policy, { deployed: 'aaaa', here: 'cccc' }))).toContain('come into force with the next deployment');
  const fresh = policyText(policyView(accepted, policy, { deployed: 'aaaa', here: 'aaaa' }));
  expect(line(fresh, 'last run')).toContain('none yet');
  expect(fresh).not.toContain('another policy');
});
