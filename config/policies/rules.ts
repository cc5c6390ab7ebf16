import type * as z from 'zod';
import type { Policy } from '../../contracts/policy.ts';
import type { owners, rules } from '../../contracts/rules.ts';

const hour = 3600;
const day = 24 * hour;

const common: Policy['rules']['default'] = {
  retry: { PREDECESSOR_OPEN: { seconds: 300, times: 288, jitter: 0.2 } },
  asking: {},
  askingOtherwise: { due: 8 * hour, escalate: [] },
  tolerance: { absolute: '0.01', relative: '0.005', currencies: {} },
  approvals: {},
  cpqApproval: 'ignored',
  afterPivot: 'task',
  deadlines: { complete: day },
};

/** For people and real vendors. */
export const patientRules: z.input<typeof rules> = { default: common };

/** For a laptop: what takes minutes on AWS is to be seen within a test. */
export const briskRules: z.input<typeof rules> = {
  default: {
    ...common,
    retry: {
      soon: { seconds: 5, times: 100, jitter: 0.2 },
      hold: { seconds: 10, times: 500, jitter: 0.2 },
      settle: { seconds: 5, times: 1000, jitter: 0 },
    },
    askingOtherwise: { due: day, escalate: [] },
  },
  // the one tenant of the tests whose newer revisions are amendments
  tenants: { t81: { afterPivot: 'amend' } },
};

const always = { timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' };
const everybody = { members: ['*'], calendar: always, digestEvery: 900 };

/** A laptop has one person, who is in every group, day and night. */
export const everybodyDecides: z.input<typeof owners> = {
  'sales-operations': everybody,
  'master-data': everybody,
  finance: everybody,
  'erp-support': everybody,
  platform: everybody,
};
