import { loadConfig } from '../../config/index.ts';
import type { Policy } from '../../contracts/policy.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { cloud } from './capabilities.ts';

/** The policy that is deployed in the environment. */
export const loadedPolicy = async (): Promise<Policy> => (await loadConfig(LOCAL_STAGE, cloud)).policy;
