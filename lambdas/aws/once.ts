import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyInconsistentStateError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import type { StepInput } from '../../contracts/workflow.ts';
import { Busy } from '../domain/errors.ts';

export interface OnceOptions {
  readonly table: string;
  /** Seconds; just above the limit of a run. */
  readonly expires: number;
  /** Powertools makes its own where none is given. */
  readonly client?: DynamoDBClient;
}

type Action = (input: StepInput, context: Context) => Promise<object | undefined>;

/**
 * The second wall (rule 3): a repeat of an adapter action within its run gets the first answer and makes no call; one that is still
 * under way answers Busy. It spares calls; HEAD alone guards effects, since Powertools forgets an action that threw. One persistence
 * instance per action: a shared one would ignore the second configuration.
 */
export function once(name: string, action: Action, options: OnceOptions): Action {
  const config = new IdempotencyConfig({
    eventKeyJmesPath: 'key',
    payloadValidationJmesPath: 'input',
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: options.expires,
  });
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: options.table, ...(options.client && { awsSdkV3Client: options.client }) });
  const guarded = makeIdempotent(
    async (_request: { key: string; input: StepInput }, perform: () => Promise<object | undefined>) => {
      await perform();
      return { done: true };
    },
    { persistenceStore, config, keyPrefix: name, dataIndexArgument: 0 },
  );
  return async (input, context) => {
    // Checked before the wrapper: there a missing key would come as an error of the persistence layer.
    if (!input.orderKey || !input.run) throw new Error('a step needs the key and the run of its order');
    config.registerLambdaContext(context);
    try {
      return await guarded({ key: `${input.orderKey}#${input.run}#${input.action}`, input }, () => action(input, context));
    } catch (error) {
      if (error instanceof IdempotencyAlreadyInProgressError || error instanceof IdempotencyInconsistentStateError) {
        throw new Busy('PLATFORM_STEP_DIED', `${input.action} of this run is still under way`);
      }
      throw error;
    }
  };
}
