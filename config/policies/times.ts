import type { Policy } from '../../contracts/policy.ts';

const hour = 3600;

/** For people and real vendors: seconds, see contracts/policy.ts for what each one is. */
export const patient: Policy['times'] = {
  runLimit: 900,
  runTimeout: 1800,
  deathBackoff: 120,
  probes: [hour, 24 * hour],
  lookAgain: 600,
  sweepEvery: 60,
};

/** For a laptop: what takes minutes on AWS is to be seen within a test. */
export const brisk: Policy['times'] = {
  runLimit: 20,
  runTimeout: 600,
  deathBackoff: 2,
  probes: [60, 120],
  lookAgain: 600,
  sweepEvery: 5,
};
