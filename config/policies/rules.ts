import type * as z from 'zod';
import type { Policy } from '../../contracts/policy.ts';
import type { owners, rules } from '../../contracts/rules.ts';
import { testRules } from './test-rules.ts';

const hour = 3600;
const day = 24 * hour;

/** What orders follow where no region, business unit or tenant says otherwise; docs/policy.md has every field. */
const common: Policy['rules']['default'] = {
  // An earlier revision is undone within minutes, unless its ERP is away: looked at every 5 minutes for a day, then a person is asked.
  retry: { PREDECESSOR_OPEN: { seconds: 300, times: 288, jitter: 0.2 } },
  asking: {},
  // A working day of the group that is asked; nobody after it, so the question stays open and shows as overdue.
  askingOtherwise: { due: 8 * hour, escalate: [] },
  // Rounding, and what exchange rates do within a day.
  tolerance: { absolute: '0.01', relative: '0.005', currencies: {} },
  // Nobody is asked about terms that the CPQ let pass.
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
  tenants: testRules,
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
