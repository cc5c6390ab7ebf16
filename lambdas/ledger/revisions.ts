import type { QuoteHeader } from '../../contracts/quote.ts';
import type { FactDraft, Head, QuoteItem } from '../domain/head.ts';
import { orderKeyOf } from '../domain/identity.ts';
import { withMilestone } from '../domain/milestones.ts';
import { type AcceptAnswer, type Acceptance, decideAccept, decideRecall, decideWithdraw, type Restore } from '../domain/protocol/index.ts';
import { itemsOf } from './append.ts';
import { numberKey, quoteKey } from './keys.ts';
import type { TransactItems } from './table.ts';

/** What the ledger stands on, for the transactions that are about more than one order. */
export interface Core {
  read(orderKey: string, tenant?: string): Promise<Head | undefined>;
  /** @throws {OrderUnknown} */
  mustRead(orderKey: string, what?: string): Promise<Head>;
  readQuote(tenant: string, cpq: string, id: string): Promise<QuoteItem>;
  restoreOf(tenant: string): Promise<Restore | undefined>;
  /** Tries until its conditional write wins. @throws {LedgerContended} past the bound */
  untilWon<T>(what: string, once: () => Promise<T>): Promise<T>;
  write(items: TransactItems): Promise<void>;
  readonly table: string;
  stamp(): string;
}

/** So many revisions on each side of one are looked for by their keys after a restore: a backup may have lost what tells of them. */
export const NEAR = 50;

const highestFirst = (heads: ReadonlyMap<string, Head>): Head[] => [...heads.values()].sort((a, b) => b.quote.revision - a.quote.revision);

/** Rule 16: what a quote says to the orders of its revisions, each in one transaction with QUOTE. */
export function createRevisions({ read, mustRead, readQuote, restoreOf, untilWon, write, table, stamp }: Core) {
  const putQuote = (quote: QuoteItem): TransactItems[number] => ({
    Put: {
      TableName: table,
      Item: { ...quoteKey(quote.tenant, quote.cpq, quote.id), ...quote, version: quote.version + 1 },
      ConditionExpression: quote.version === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
      ...(quote.version > 0 && { ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: { ':version': quote.version } }),
    },
  });

  /** Orders of the revisions below this one, highest first, by their keys: in a restored ledger nothing else may tell of them. */
  async function byKey({ tenant, cpq, id }: Pick<QuoteItem, 'tenant' | 'cpq' | 'id'>, below: number): Promise<Head[]> {
    const revisions = Array.from({ length: NEAR }, (_, n) => below - 1 - n).filter((revision) => revision > 0);
    const heads = await Promise.all(revisions.map((revision) => read(orderKeyOf(tenant, cpq, id, revision), tenant)));
    return heads.filter((head) => head !== undefined);
  }

  /**
   * The order of the highest revision of a quote that QUOTE names; where a backup has lost it, or what QUOTE knew, of the highest below.
   * Throws OrderUnknown where it is lost, and there was no restore.
   */
  async function highestOf(quote: QuoteItem, below = Number.POSITIVE_INFINITY): Promise<Head | undefined> {
    const { highest, tenant } = quote;
    if (!(await restoreOf(tenant))) return highest && mustRead(highest.orderKey, `order of revision ${highest.revision},`);
    const named = highest && (await read(highest.orderKey, tenant));
    if (named) return named;
    const from = Number.isFinite(below) ? below : highest?.revision;
    return from === undefined ? undefined : (await byKey(quote, from))[0];
  }

  const itemsFor = (from: Head | undefined, to: { readonly next: Head; readonly fact: FactDraft } | undefined, at: string): TransactItems =>
    to ? itemsOf(table, { from, to: to.next, fact: to.fact }, at).puts : [];

  /** After a restore: an order, its QUOTE and the orders of lower revisions are made to agree, should the backup have them of different moments. @returns the order */
  async function recall(orderKey: string): Promise<Head> {
    return untilWon(orderKey, async () => {
      const head = await mustRead(orderKey);
      const { tenant, quote } = head;
      const at = stamp();
      const decision = decideRecall(head, await readQuote(tenant, quote.cpq, quote.id), await lower(head), at);
      const marks = decision.lower.flatMap(({ before, ...mark }) => itemsFor(before, mark, at));
      const items = [...itemsFor(head, decision.head, at), ...marks, ...(decision.quote ? [putQuote(decision.quote)] : [])];
      if (items.length > 0) await write(items);
      return decision.head ? mustRead(orderKey) : head;
    });
  }

  /** Rule 16: QUOTE, my HEAD and the mark on the predecessor in one transaction. */
  async function accept(acceptance: Acceptance): Promise<{ answer: AcceptAnswer; head: Head; predecessor: string | undefined }> {
    const { tenant, quote, orderKey, now: at } = acceptance;
    return untilWon(orderKey, async () => {
      const restore = await restoreOf(tenant);
      // QUOTE first: an order that it names was there before.
      const item = await readQuote(tenant, quote.cpq, quote.id);
      const existing = await read(orderKey, tenant);
      const before = existing ? undefined : await highestOf(item, quote.revision);
      const decision = decideAccept({ ...acceptance, restore }, item, existing, before);
      if (existing) return { answer: decision.answer, head: existing, predecessor: undefined };
      if (!decision.head) throw new Error(`accepting ${orderKey} decided nothing`);
      const mine = itemsOf(table, { from: undefined, to: decision.head.next, fact: decision.head.fact }, at);
      const label = quote.number
        ? [{ Put: { TableName: table, Item: { ...numberKey(tenant, quote.number, orderKey), revision: quote.revision } } }]
        : [];
      const marked = itemsFor(before, decision.predecessor, at);
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
   * HEADs of lower revisions along `predecessor`, and those beside it. After a restore one may have come back after its successor (QUOTE
   * knows it, or whoever looked for it: `beside`), and be the one that is amended.
   */
  async function chained(head: Head, beside: readonly string[] = []): Promise<Map<string, Head>> {
    const { tenant, quote, epoch } = head;
    const chain = new Map<string, Head>();
    for (let key = head.predecessor; key !== undefined && key !== head.orderKey && !chain.has(key); ) {
      const before: Head | undefined = epoch > 0 ? await read(key, tenant) : await mustRead(key, `predecessor of ${head.orderKey},`);
      if (before) chain.set(key, before);
      key = before?.predecessor;
    }
    const returned = epoch > 0 ? (await readQuote(tenant, quote.cpq, quote.id)).beside : [];
    for (const key of [...beside, ...(returned ?? []), head.amends]) {
      const other = key === undefined || chain.has(key) ? undefined : await read(key, tenant);
      if (other && other.quote.revision < quote.revision) chain.set(other.orderKey, other);
    }
    return chain;
  }

  /** These orders, and each other below this revision that is there, highest first. */
  async function withOthers(known: Map<string, Head>, quote: Pick<QuoteItem, 'tenant' | 'cpq' | 'id'>, below: number): Promise<Head[]> {
    for (const other of await byKey(quote, below)) known.set(other.orderKey, other);
    return highestFirst(known);
  }

  /** HEADs of lower revisions, highest first: those, and in a restored ledger each that is there. */
  async function lower(head: Head, beside: readonly string[] = []): Promise<Head[]> {
    const { tenant, quote, epoch } = head;
    const known = await chained(head, beside);
    return epoch > 0 ? withOthers(known, { tenant, cpq: quote.cpq, id: quote.id }, quote.revision) : highestFirst(known);
  }

  /** The orders of a quote: the highest revision, and those below it; in a restored ledger also what QUOTE does not name, up to `upTo`. */
  async function ordersOf(quote: QuoteItem, upTo: number): Promise<Head[]> {
    const highest = await highestOf(quote);
    const known = highest ? [highest, ...(await lower(highest))] : [];
    if (!(await restoreOf(quote.tenant))) return known;
    return withOthers(new Map(known.map((head) => [head.orderKey, head])), quote, upTo + 1);
  }

  /**
   * Rule 16: QUOTE and the mark on each open order up to a revision, in one transaction; where they are too many, in several of which
   * QUOTE's is the last. @returns the keys of the orders that are to stop
   */
  async function withdraw(tenant: string, { cpq, id, revision }: Pick<QuoteHeader, 'cpq' | 'id' | 'revision'>, by: string): Promise<string[]> {
    const asked: string[] = [];
    const once = async () => {
      const [quote, now] = [await readQuote(tenant, cpq, id), stamp()];
      const decision = decideWithdraw({ revision, by, now }, quote, await ordersOf(quote, revision));
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

  return { accept, recall, milestone, withdraw, chained, lower };
}
