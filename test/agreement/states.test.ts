import { paginateGetExecutionHistory, paginateListExecutions } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { allStates, readMachine } from '../../statemachines/picture.ts';
import { NEW_STATE } from '../campaigns/deploy.ts';
import { needs } from '../support/capabilities.ts';
import { connectStage } from '../support/stage.ts';

const { sdk, stateMachineArn } = connectStage();

interface Seen {
  readonly entered: Set<string>;
  /** Error names that tasks failed with. */
  readonly errors: Set<string>;
  /** States that were begun again after they had failed. */
  readonly retried: Set<string>;
}

/** What one execution went through, as its history tells it. */
async function lookAt(executionArn: string, seen: Seen): Promise<void> {
  let current = '';
  let failed = false;
  for await (const { events = [] } of paginateGetExecutionHistory({ client: sdk.sfn }, { executionArn, maxResults: 1000 }))
    for (const event of events) {
      const entered = event.stateEnteredEventDetails?.name;
      if (entered) {
        current = entered;
        failed = false;
        seen.entered.add(entered);
      }
      const error = event.taskFailedEventDetails?.error ?? event.lambdaFunctionFailedEventDetails?.error;
      if (error) {
        failed = true;
        seen.errors.add(error);
      } else if (failed && event.type === 'TaskScheduled') seen.retried.add(current);
    }
}

needs('states of a Parallel in the history')('the integration tests entered every state, a Retry and the Catches', async () => {
  const seen: Seen = { entered: new Set(), errors: new Set(), retried: new Set() };
  for await (const { executions = [] } of paginateListExecutions({ client: sdk.sfn }, { stateMachineArn, maxResults: 100 }))
    for (const { executionArn = '' } of executions) await lookAt(executionArn, seen);
  const names = allStates(readMachine('quote-to-order')).map(([name]) => name);
  // A campaign deploys another state machine meanwhile, with a state of its own.
  seen.entered.delete(NEW_STATE);
  expect([...seen.entered].sort()).toEqual(names.sort());
  expect([...seen.errors]).toEqual(expect.arrayContaining(['Stop', 'Runtime.ExitError']));
  expect(seen.retried.size).toBeGreaterThan(0);
});
