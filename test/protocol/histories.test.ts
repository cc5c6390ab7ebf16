import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plans } from './histories/arbitrary.ts';
import { live } from './histories/history.ts';
import { BACKUPS, liveRestored } from './histories/restored.ts';
import { judge } from './histories/verdict.ts';

/** The histories themselves run as campaigns (test/campaigns/in-process.test.ts): a few in `npm test`, 500 of each kind in the long form. */
describe('random histories', () => {
  const sample = fc.sample(plans, { seed: 1, numRuns: 60 });

  it('are the same for the same plan', async () => {
    const [plan] = sample;
    if (!plan) throw new Error('no plan');
    const told = async () => {
      const { world, quiet } = await live(plan);
      return { outcome: judge(world, quiet), calls: world.scheduler.calls(), documents: world.erp.documents };
    };
    expect(await told()).toEqual(await told());
  });

  it.each(['answers', 'conditions', 'routes'] as const)('find out broken %s', async (broken) => {
    const wrong: string[] = [];
    for (const plan of sample) {
      const { world, quiet } = await live({ ...plan, faults: { ...plan.faults, lost: 2 } }, { broken });
      wrong.push(...judge(world, quiet).wrong);
      if (wrong.length > 0) break;
    }
    expect(wrong).not.toEqual([]);
  });

  it.each(BACKUPS)('find out a restored ledger that is read as it stands: backup %s', async (kind) => {
    const wrong: string[] = [];
    for (const plan of sample) wrong.push(...(await liveRestored(plan, kind, { broken: 'epoch' })).wrong);
    expect(wrong).not.toEqual([]);
  });
});
