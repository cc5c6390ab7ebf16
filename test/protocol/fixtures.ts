import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { hashOf, orderKeyOf } from '../../lambdas/domain/identity.ts';
import type { Acceptance, Found, IntentRequest } from '../../lambdas/domain/protocol/index.ts';
import type { Fact } from '../../lambdas/ledger/append.ts';
import { createLedger, type Ledger } from '../../lambdas/ledger/ledger.ts';
import { clients } from '../support/environment.ts';

export type Client = ReturnType<typeof clients>['documents'];

/** Both tables, empty and under names of their own, with the keys that the stacks give them. */
export async function tables(): Promise<{ client: Client; ledger: string; runtime: string }> {
  const { documents, dynamo } = clients();
  const suffix = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const make = async (name: string, keys: string[]): Promise<string> => {
    const TableName = `${name}-${suffix}`;
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: keys.map((AttributeName, n) => ({ AttributeName, KeyType: n === 0 ? ('HASH' as const) : ('RANGE' as const) })),
      }),
    );
    await waitUntilTableExists({ client: dynamo, maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.5 }, { TableName });
    return TableName;
  };
  return { client: documents, ledger: await make('protocol-ledger', ['pk', 'sk']), runtime: await make('protocol-runtime', ['id']) };
}

const total = { amount: '119.00', currency: 'EUR' };

/** An acceptance of revision `revision` of quote `id`. */
export function acceptance(id: string, revision = 1, content = 'content'): Acceptance {
  const hash = hashOf(content);
  return {
    orderKey: orderKeyOf('acme', 'salesforce', id, revision),
    tenant: 'acme',
    quote: { cpq: 'salesforce', id, number: `Q-${id}`, revision, currency: 'EUR', total: '100.00' },
    contentHash: hash,
    document: { key: `quotes/${id}.json`, hash },
    route: { region: 'EU', businessUnit: 'main', erp: 'erp' },
    correlationId: 'correlation',
    acceptedAt: '2026-01-01T08:00:00.000Z',
    now: new Date().toISOString(),
  };
}

export const create = (attempt: string, run = 1): IntentRequest => ({
  action: 'create-draft',
  attempt,
  run,
  at: new Date().toISOString(),
  settleAt: new Date(Date.now() + 60_000).toISOString(),
  payloadHash: 'inputs',
});

export const draft = (ref: string) => ({ action: 'create-draft' as const, draft: { ref, key: `${ref}.0`, inputs: 'inputs', total } });

export const standing = (ref: string, status: Found['status'] = 'draft'): Found => ({ ref, key: `${ref}.0`, generation: 0, status, total });

export async function factsOf({ client, table }: Pick<Ledger, 'client' | 'table'>, orderKey: string): Promise<Fact[]> {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :facts)',
      ExpressionAttributeValues: { ':pk': `O#${orderKey}`, ':facts': 'F#' },
    }),
  );
  return (Items ?? []) as unknown as Fact[];
}

/** A ledger between whose first read of HEAD and the write that follows `between` happens. */
export function interrupted(client: Client, table: string, between: () => Promise<unknown>): Ledger {
  let first = true;
  const send = async (command: Parameters<Client['send']>[0]) => {
    const answer = await client.send(command);
    if (first && command instanceof GetCommand) {
      first = false;
      await between();
    }
    return answer;
  };
  return createLedger({ client: { send } as unknown as Client, table });
}
