import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/sequencer.ts';

/** The second cloud: tests that meet none find the same there, and are not run again. */
const isSecondCloud = process.env.QUOTEBRIDGE_CLOUD === 'localstack';

/**
 * One project for each tier. Tiers run one after the other (groupOrder), cheap ones first, so that the load of one does not spoil
 * the deadlines of another. `workers`: test files at once; the tests of the later tiers mostly wait.
 */
const tier = (
  name: string,
  groupOrder: number,
  options: { include?: string[]; exclude?: string[]; cloudless?: string[]; workers?: number; timeoutSeconds?: number } = {},
) => ({
  test: {
    name,
    include: options.include ?? [`test/${name}/**/*.test.ts`],
    exclude: [...(options.exclude ?? []), ...(isSecondCloud ? (options.cloudless ?? []) : [])],
    sequence: { groupOrder },
    maxWorkers: options.workers ?? 2,
    testTimeout: (options.timeoutSeconds ?? 10) * 1000,
    hookTimeout: 120_000,
    // Handlers log what tests make them suffer.
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    // A result must not depend on what another file left in memory, nor on a mock: there are none.
    isolate: true,
  },
});

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/reporter.ts'],
    projects: [
      tier('unit', 1),
      tier('protocol', 2, { timeoutSeconds: 180, cloudless: ['test/protocol/{exploration,exploration-row,histories,mutants}.test.ts'] }),
      tier('infra', 3, { timeoutSeconds: 180 }),
      tier('clouds', 4, { include: ['test/local/clouds.test.ts'], timeoutSeconds: 120 }),
      tier('statemachines', 5, { timeoutSeconds: 120 }),
      tier('connectors', 6, { timeoutSeconds: 120 }),
      // Their own deadlines end these tests earlier. LocalStack has one core for all of them: more at once wait longer, and no more is done.
      tier('integration', 7, { workers: isSecondCloud ? 2 : 3, timeoutSeconds: 900 }),
      tier('browser', 8, { workers: 1, timeoutSeconds: 300 }),
      // As in the integration tests; the longest of the long forms has more than an hour on a slow machine.
      tier('campaigns', 9, { timeoutSeconds: 6000, cloudless: ['test/campaigns/in-process.test.ts'] }),
      // They replay whole queues: what other tests put there on purpose is theirs.
      tier('runbooks', 10, { timeoutSeconds: 120 }),
      // What holds after all of these, whatever they did.
      tier('agreement', 11, { timeoutSeconds: 400 }),
      tier('local', 12, { exclude: ['test/local/clouds.test.ts'], timeoutSeconds: 120 }),
    ],
  },
});
