import type * as z from 'zod';
import type { rules } from '../../contracts/rules.ts';

/** Rules of single tenants of tests, which show what an overlay does on a deployed stack; the tests stand in test/integration. */
export const testRules: z.input<typeof rules>['tenants'] = {
  // A high discount is approved by two groups, one after the other.
  t59: {
    approvals: {
      discount: { title: 'A discount above 30 %', when: { discountAbove: '0.3' }, approvers: ['sales-operations', 'finance'] },
    },
  },
  // The CPQ has to have approved the revision.
  t73: { cpqApproval: 'required' },
  // Late after half a minute, which escalates the question about every order.
  t75: {
    deadlines: { complete: 30 },
    approvals: { every: { title: 'Every order of this tenant', when: {}, approvers: ['sales-operations'] } },
    asking: { APPROVAL_NEEDED: { due: 3600, escalate: ['finance'] } },
  },
  // Nobody answers: after five seconds the next group is asked, after five more the order is rejected, or cancelled where others wait with it.
  t89: {
    askingOtherwise: { due: 5, escalate: ['finance'], atLast: 'reject' },
    asking: { PRODUCT_UNMAPPED: { due: 5, escalate: ['platform'], atLast: 'cancel' } },
  },
  // Newer revisions are amendments.
  t81: { afterPivot: 'amend' },
};
