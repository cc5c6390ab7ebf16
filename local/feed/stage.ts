import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { localPlace } from '../../cli/where.ts';
import { loadConfig } from '../../config/index.ts';
import type { StageConfig } from '../../config/schema.ts';
import type { Policy } from '../../contracts/policy.ts';
import { createLedger, type Ledger } from '../../lambdas/ledger/ledger.ts';
import { documentClient } from '../../lambdas/ledger/table.ts';
import { type Defaults, defaultsOf } from '../../lambdas/views/defaults.ts';
import { home } from '../paths.ts';
import { type EnvironmentState, LOCAL_STAGE, type Part } from '../state.ts';
import type { RelayOptions } from './relay.ts';

/** The tenant whose quotes `npm start` sends, and its connection to the CPQ. */
export const TENANT = 'northwind';
export const CPQ = 'salesforce';

/** The deployed stage, as far as a run of `npm start` needs it. */
export interface Stage {
  readonly ledger: Ledger;
  readonly relay: RelayOptions;
  readonly policy: Policy;
  /** What `quotebridge doctor --smoke` sends. */
  readonly smoke: StageConfig['smoke'];
  readonly defaults: Defaults;
  /** A server of the environment. @throws when the environment does not hold it */
  readonly part: (name: string) => Part;
}

export async function openStage(state: EnvironmentState): Promise<Stage> {
  const config = await loadConfig(LOCAL_STAGE, state.cloud);
  const { client, outputs } = localPlace(home);
  const needed = <T>(what: string, value: T | undefined): T => {
    if (value === undefined) throw new Error(`the local environment has no ${what}`);
    return value;
  };
  const org = needed('Salesforce organisation', config.policy.tenants[TENANT]?.cpqs[CPQ]?.org);
  return {
    ledger: createLedger({ client: documentClient(new DynamoDBClient(client)), table: needed('LedgerTable', outputs.LedgerTable) }),
    relay: { events: new EventBridgeClient(client), bus: needed('InboundBus', outputs.InboundBus), org },
    policy: config.policy,
    smoke: config.smoke,
    defaults: defaultsOf(config),
    part: (name) => needed(name, state.parts[name]),
  };
}
