import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Decision, Head, QuoteItem } from '../domain/head.ts';
import { raised } from '../domain/protocol/index.ts';
import { itemsOf } from './append.ts';
import { restoresOf } from './epoch.ts';
import { headKey, headOf, quoteKey } from './keys.ts';
import { type Core, createRevisions } from './revisions.ts';
import type { TransactItems } from './table.ts';

/** Read, decide, write; how often before the ledger gives up. Conflicts are rare: one run, a starter and an operator per order. */
const ATTEMPTS = 12;
const PAUSE_MS = 20;

/** The order is under more concurrent writes than this ledger retries. */
export class LedgerContended extends Error {
  override readonly name = 'LedgerContended';
}

export class OrderUnknown extends Error {
  override readonly name = 'OrderUnknown';
  readonly code = 'ORDER_UNKNOWN';
}

export interface LedgerOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly now?: () => Date;
  /** Waits before a write that lost is tried again. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

const pauseAfter = (attempt: number): number => Math.random() * PAUSE_MS * 2 ** Math.min(attempt, 5);

/** A compare-and-set that lost, or a transaction that met another: read again and decide again. Neither is retried by the SDK. */
export const lost = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  error instanceof TransactionConflictException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some((reason) => reason.Code === 'ConditionalCheckFailed' || reason.Code === 'TransactionConflict'));

export type Ledger = ReturnType<typeof createLedger>;

/** The memory of the business: HEAD, FACT and what the fact implies, in one transaction (rule 10). */
export function createLedger({ client, table, now = () => new Date(), pause = setTimeout }: LedgerOptions) {
  const stamp = () => now().toISOString();
  const restoreOf = restoresOf(client, table);

  /**
   * HEAD as the newest restore leaves it; in a ledger that was never restored as it stands.
   * @param tenant of the order, where it is known: whether one that is not there may still come back. Throws LedgerRestoring
   */
  async function read(orderKey: string, tenant?: string): Promise<Head | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: headKey(orderKey), ConsistentRead: true }));
    if (!Item) {
      await restoreOf(tenant); // it may not be back yet
      return undefined;
    }
    const head = headOf(Item);
    return raised(head, await restoreOf(head.tenant));
  }

  async function mustRead(orderKey: string, what = 'order'): Promise<Head> {
    const head = await read(orderKey);
    if (!head) throw new OrderUnknown(`no ${what} ${orderKey} in the ledger`);
    return head;
  }

  async function readQuote(tenant: string, cpq: string, id: string): Promise<QuoteItem> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: quoteKey(tenant, cpq, id), ConsistentRead: true }));
    if (!Item) return { tenant, cpq, id, version: 0, withdrawnUpTo: 0, milestones: {} };
    const { pk: _pk, sk: _sk, ...quote } = Item;
    return quote as unknown as QuoteItem;
  }

  /** Tries `once` until its conditional write wins. Throws LedgerContended past the bound. */
  async function untilWon<T>(what: string, once: () => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return await once();
      } catch (error) {
        if (!lost(error)) throw error;
        await pause(pauseAfter(attempt));
      }
    }
    throw new LedgerContended(`${what}: ${ATTEMPTS} conditional writes in a row met another writer`);
  }

  async function write(items: TransactItems): Promise<void> {
    const [only] = items;
    if (items.length === 1 && only?.Put) {
      await client.send(new PutCommand(only.Put));
      return;
    }
    await client.send(new TransactWriteCommand({ TransactItems: items }));
  }

  /**
   * One transition of one order: read consistently, let the pure decision say what to write, write it under compare-and-set.
   * `alongside` adds what the fact implies, and conditions on what `decide` has read besides. Throws OrderUnknown, LedgerContended.
   */
  async function change<Answer>(
    orderKey: string,
    decide: (head: Head, now: string) => Decision<Answer> | Promise<Decision<Answer>>,
    alongside: (head: Head) => TransactItems = () => [],
  ): Promise<{ answer: Answer; head: Head; before: Head }> {
    return untilWon(orderKey, async () => {
      const before = await mustRead(orderKey);
      const at = stamp();
      const decision = await decide(before, at);
      if (!decision.next) return { answer: decision.answer, head: before, before };
      const { head, puts } = itemsOf(table, { from: before, to: decision.next, fact: decision.fact }, at);
      await write([...puts, ...alongside(head)]);
      return { answer: decision.answer, head, before };
    });
  }

  const core: Core = { read, mustRead, readQuote, restoreOf, untilWon, write, table, stamp };
  return { restoreOf, read, readQuote, change, ...createRevisions(core), client, table, stamp };
}
