import type { ErrorCode } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Answer, Around } from '../../lambdas/domain/protocol/index.ts';
import { waitFor } from '../../lambdas/domain/protocol/index.ts';
import { aroundOf } from '../../lambdas/domain/rules.ts';
import type { Ask } from '../../lambdas/domain/waiting.ts';
import { accepted, NOW, parking } from './domain-fixtures.ts';

const calendar = { timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00', holidays: [] };
const group = (members: string[], deputies: Record<string, string> = {}) => ({ members, deputies, calendar, digestEvery: 900 });

/** anna and berta sell, carl stands in for anna, fred is of finance; whoever can reach the system has a say in master data. */
export const policy = {
  tenants: {
    acme: {
      cpqs: {},
      routes: [
        { region: '*', businessUnit: '*', erp: 'erp' },
        { region: 'X', businessUnit: '*', erp: 'other' },
      ],
    },
  },
  owners: {
    'sales-operations': group(['anna', 'berta', 'cli:anna'], { anna: 'carl', zoe: 'zack' }),
    finance: group(['fred']),
    'erp-support': group(['eve']),
    platform: group(['pat']),
    'master-data': group(['*']),
  },
  times: { lookAgain: 600, sweepEvery: 60, runTimeout: 1800 },
  rules: { default: { retry: {}, asking: {}, askingOtherwise: { due: 3600, escalate: [] } }, regions: {}, businessUnits: {}, tenants: {} },
} as unknown as Policy;

export const around: Around = { ...aroundOf(policy, accepted), parking };

/** The order waits for a person with this code. */
export function asking(code: ErrorCode, ask?: Ask, head: Head = accepted): Head {
  const { head: waiting, dueAt } = waitFor(head, { code, detail: 'detail', ask }, NOW, parking);
  return { ...waiting, dueAt, sweepAt: dueAt };
}

export const taskIdOf = ({ task }: Head): string => task?.id ?? '';

export const answer = (head: Head, option: Answer['option'], by: string, more: Partial<Answer> = {}): Answer => ({
  task: taskIdOf(head),
  option,
  by,
  reason: 'because',
  ...more,
});
