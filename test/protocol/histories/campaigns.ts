import fc from 'fast-check';
import { STEPS } from '../../../contracts/workflow.ts';
import type { Findings } from '../../campaigns/support/figures.ts';
import type { Settings } from '../../campaigns/support/settings.ts';
import { plans } from './arbitrary.ts';
import { crowd } from './crowd.ts';
import { live, type Plan } from './history.ts';
import { BACKUPS, liveRestored } from './restored.ts';
import { MEANWHILE, stall } from './stalled.ts';
import { judge, type Outcome } from './verdict.ts';

type Asked = Pick<Settings, 'form' | 'seed' | 'part'>;

const part = ({ form, part: share }: Asked, short: number, long: number): number => (form === 'short' ? short : Math.ceil(share * long));

const elsewhere = (orders: number): [string, string][] =>
  orders === 0 ? [] : [['of these in another ERP, where a person sent them', String(orders)]];

/** What came of many histories, as lines of a table. */
function tally() {
  const sum = { looked: 0, orders: 0, rerouted: 0, completed: 0, ended: 0, waiting: 0, extras: 0, runs: 0 };
  const codes = new Set<string>();
  return {
    sum,
    add(outcome: Outcome): void {
      sum.looked += 1;
      for (const key of ['orders', 'rerouted', 'completed', 'extras', 'runs'] as const) sum[key] += outcome[key];
      sum.ended += outcome.cancelled;
      sum.waiting += outcome.waiting.length;
      for (const code of outcome.waiting) codes.add(code);
    },
    findings: (at: string): Findings => ({
      verdict: { looked: sum.looked, at, violations: 0 },
      lines: [
        [
          'orders',
          `${sum.orders}: ${sum.completed} completed, ${sum.ended} cancelled or reversed, ${sum.waiting} wait for a person (${[...codes].sort().join(', ') || 'nobody'})`,
        ],
        ...elsewhere(sum.rerouted),
        ['runs', String(sum.runs)],
        ['drafts made extra, found and cancelled', String(sum.extras)],
      ],
    }),
  };
}

function mustHold(outcome: Outcome, name: string): void {
  if (outcome.wrong.length > 0) throw new Error(`${name}: ${outcome.wrong.join('; ')}`);
}

/** Three revisions and whatever happens to them. fast-check prints the smallest plan that fails, with its seed. */
export async function histories(asked: Asked): Promise<Findings> {
  const all = tally();
  const property = (lives: (plan: Plan) => Promise<Outcome>, name: string) =>
    fc.asyncProperty(plans, async (plan) => {
      const outcome = await lives(plan);
      mustHold(outcome, name);
      all.add(outcome);
    });
  const alone = async (plan: Plan) => {
    const { world, quiet } = await live(plan);
    return judge(world, quiet);
  };
  await fc.assert(property(alone, 'this history'), { seed: asked.seed, numRuns: part(asked, 50, 500) });
  const numRuns = part(asked, 25, 250);
  for (const kind of BACKUPS)
    await fc.assert(
      property((plan) => liveRestored(plan, kind), `this history, with a backup (${kind})`),
      { seed: asked.seed, numRuns },
    );
  const { lines, ...findings } = all.findings('histories');
  return {
    ...findings,
    lines: [
      ['of these histories with a ledger that was lost in the midst', `${2 * numRuns}: ${BACKUPS.map((kind) => `${numRuns} ${kind}`).join(', ')}`],
      ...lines,
    ],
  };
}

/** Each step at each of its calls, for a few seeds; in the short form each third call. */
export async function stalled(asked: Asked): Promise<Findings> {
  const all = tally();
  const stride = asked.form === 'short' ? 3 : 1;
  const seeds = part(asked, 1, 3);
  for (const meanwhile of MEANWHILE)
    for (const step of STEPS)
      for (let call = 1, met = true; met; call += stride) {
        met = false;
        for (let seed = asked.seed; seed < asked.seed + seeds; seed++) {
          const outcome = await stall({ seed, step, call, meanwhile });
          if (!outcome) continue;
          met = true;
          mustHold(outcome, `${step} stands still before its call ${call}, meanwhile ${meanwhile}, seed ${seed}`);
          all.add(outcome);
        }
      }
  return all.findings('functions that stood still');
}

export async function schedules(asked: Asked): Promise<Findings> {
  const all = tally();
  for (let n = 0; n < part(asked, 50, 500); n++) {
    const outcome = await crowd(asked.seed + n);
    mustHold(outcome, `seed ${asked.seed + n}`);
    all.add(outcome);
  }
  return all.findings('schedules');
}
