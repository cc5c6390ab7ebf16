import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { QuoteHeader } from '../../contracts/quote.ts';
import type { Decision, Head, QuoteItem } from '../domain/head.ts';
import { withMilestone } from '../domain/milestones.ts';
import { type AcceptAnswer, type Acceptance, decideAccept, decideWithdraw, raised } from '../domain/protocol/index.ts';
import { itemsOf } from './append.ts';
import { restoresOf } from './epoch.ts';
import { headKey, headOf, numberKey, quoteKey } from './keys.ts';

export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;

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

  /** HEAD as the newest restore leaves it; in a ledger that was never restored as it stands. */
  async function read(orderKey: string): Promise<Head | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: headKey(orderKey), ConsistentRead: true }));
    if (!Item) {
      await restoreOf(undefined); // it may not be back yet
      return undefined;
    }
    const head = headOf(Item);
    return raised(head, await restoreOf(head.tenant));
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
   * `alongside` adds what the fact implies. Throws OrderUnknown, LedgerContended.
   */
  async function change<Answer>(
    orderKey: string,
    decide: (head: Head, now: string) => Decision<Answer>,
    alongside: (head: Head) => TransactItems = () => [],
  ): Promise<{ answer: Answer; head: Head; before: Head }> {
    return untilWon(orderKey, async () => {
      const before = await read(orderKey);
      if (!before) throw new OrderUnknown(`no order ${orderKey} in the ledger`);
      const at = stamp();
      const decision = decide(before, at);
      if (!decision.next) return { answer: decision.answer, head: before, before };
      const { head, puts } = itemsOf(table, { from: before, to: decision.next, fact: decision.fact }, at);
      await write([...puts, ...alongside(head)]);
      return { answer: decision.answer, head, before };
    });
  }

  const putQuote = (quote: QuoteItem): TransactItems[number] => ({
    Put: {
      TableName: table,
      Item: { ...quoteKey(quote.tenant, quote.cpq, quote.id), ...quote, version: quote.version + 1 },
      ConditionExpression: quote.version === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
      ...(quote.version > 0 && { ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: { ':version': quote.version } }),
    },
  });

  /** Rule 16: QUOTE, my HEAD and the mark on the predecessor in one transaction. */
  async function accept(acceptance: Acceptance): Promise<{ answer: AcceptAnswer; head: Head; predecessor: string | undefined }> {
    const { tenant, quote, orderKey, now: at } = acceptance;
    return untilWon(orderKey, async () => {
      const restore = await restoreOf(tenant);
      const [existing, item] = await Promise.all([read(orderKey), readQuote(tenant, quote.cpq, quote.id)]);
      const before = item.highest && item.highest.orderKey !== orderKey ? await read(item.highest.orderKey) : undefined;
      const decision = decideAccept({ ...acceptance, restore }, item, existing, before);
      if (existing) return { answer: decision.answer, head: existing, predecessor: undefined };
      if (!decision.head) throw new Error(`accepting ${orderKey} decided nothing`);
      const mine = itemsOf(table, { from: undefined, to: decision.head.next, fact: decision.head.fact }, at);
      const label = quote.number
        ? [{ Put: { TableName: table, Item: { ...numberKey(tenant, quote.number, orderKey), revision: quote.revision } } }]
        : [];
      const marked = decision.predecessor
        ? itemsOf(table, { from: before, to: decision.predecessor.next, fact: decision.predecessor.fact }, at).puts
        : [];
      await write([...mine.puts, ...label, ...marked, ...(decision.quote ? [putQuote(decision.quote)] : [])]);
      return { answer: decision.answer, head: mine.head, predecessor: marked.length > 0 ? before?.orderKey : undefined };
    });
  }

  /** A milestone of the CPQ: the newest stamp wins. */
  async function milestone(
    tenant: string,
    cpq: string,
    id: string,
    name: keyof QuoteItem['milestones'],
    revision: number,
    at: string,
  ): Promise<'written' | 'older'> {
    return untilWon(`quote ${id}`, async () => {
      const quote = await readQuote(tenant, cpq, id);
      const next = withMilestone(quote, name, revision, at);
      if (!next) return 'older' as const;
      await write([putQuote(next)]);
      return 'written' as const;
    });
  }

  /**
   * HEADs of lower revisions, highest first: along `predecessor`, and those beside it. After a restore one may have come back after its
   * successor (QUOTE knows it, or whoever looked for it: `beside`), and be the one that is amended.
   */
  async function lower(head: Head, beside: readonly string[] = []): Promise<Head[]> {
    const chain = new Map<string, Head>();
    for (let key = head.predecessor; key !== undefined; ) {
      const before: Head | undefined = await read(key);
      if (!before) throw new OrderUnknown(`predecessor ${key} of ${head.orderKey} is not in the ledger`);
      chain.set(key, before);
      key = before.predecessor;
    }
    const { tenant, quote } = head;
    const returned = head.epoch > 0 ? (await readQuote(tenant, quote.cpq, quote.id)).beside : [];
    for (const key of [...beside, ...(returned ?? []), head.amends]) {
      const other = key === undefined || chain.has(key) ? undefined : await read(key);
      if (other && other.quote.revision < quote.revision) chain.set(other.orderKey, other);
    }
    return [...chain.values()].sort((a, b) => b.quote.revision - a.quote.revision);
  }

  /** The orders of a quote: the highest revision, and those below it. */
  async function ordersOf({ highest }: QuoteItem): Promise<Head[]> {
    const head = highest && (await read(highest.orderKey));
    return head ? [head, ...(await lower(head))] : [];
  }

  /**
   * Rule 16: QUOTE and the mark on each open order up to a revision, in one transaction; where they are too many, in several of which
   * QUOTE's is the last. @returns the keys of the orders that are to stop
   */
  async function withdraw(tenant: string, { cpq, id, revision }: Pick<QuoteHeader, 'cpq' | 'id' | 'revision'>, by: string): Promise<string[]> {
    const asked: string[] = [];
    const once = async () => {
      const [quote, now] = [await readQuote(tenant, cpq, id), stamp()];
      const decision = decideWithdraw({ revision, by, now }, quote, await ordersOf(quote));
      const marks = decision.orders.flatMap(({ before, next, fact }) => itemsOf(table, { from: before, to: next, fact }, now).puts);
      if (decision.answer !== 'already withdrawn') await write([...marks, ...(decision.quote ? [putQuote(decision.quote)] : [])]);
      return decision;
    };
    for (let more = true; more; ) {
      const { answer, orders } = await untilWon(`quote ${id}`, once);
      asked.push(...orders.map(({ next }) => next.orderKey));
      more = answer === 'more';
    }
    return asked;
  }

  return { restoreOf, read, readQuote, change, accept, milestone, withdraw, lower, client, table, stamp };
}
