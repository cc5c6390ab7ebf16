import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Head } from '../../lambdas/domain/head.ts';
import { createDocuments } from '../../lambdas/ledger/documents.ts';
import { headItem, headOf } from '../../lambdas/ledger/keys.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { NOW } from './domain-fixtures.ts';

type Item = Record<string, unknown>;
interface Expression {
  readonly text: string | undefined;
  readonly names?: Record<string, string> | undefined;
  readonly values?: Item | undefined;
}

/** Cuts at `word` where no bracket is open. */
function cut(text: string, word: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const token of text.split(/(\(|\)| AND | OR )/)) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (token === word && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim());
}

/** Does a condition of DynamoDB hold on an item? As far as the project writes conditions; another one is an error. */
export function holds({ text, names = {}, values = {} }: Expression, item: Item | undefined): boolean {
  if (text === undefined) return true;
  const either = cut(text, ' OR ');
  if (either.length > 1) return either.some((part) => holds({ text: part, names, values }, item));
  const every = cut(text, ' AND ');
  if (every.length > 1) return every.every((part) => holds({ text: part, names, values }, item));
  const inner = /^\((.*)\)$/.exec(text)?.[1];
  if (inner !== undefined) return holds({ text: inner, names, values }, item);
  const not = /^NOT (.*)$/.exec(text)?.[1];
  if (not !== undefined) return !holds({ text: not, names, values }, item);
  const exists = /^attribute_(not_)?exists\((\S+)\)$/.exec(text);
  const fieldOf = (name = '') => item?.[names[name] ?? name];
  if (exists) return (fieldOf(exists[2]) === undefined) === (exists[1] !== undefined);
  const begins = /^begins_with\((\S+), (:\S+)\)$/.exec(text);
  if (begins) return String(fieldOf(begins[1]) ?? '').startsWith(String(values[begins[2] ?? '']));
  const [, name, operator, value = ''] = /^(\S+) (=|<|<=|>=) (:\S+)$/.exec(text) ?? [];
  const [left, right] = [fieldOf(name) as string | undefined, values[value] as string];
  if (operator === '=') return left === right;
  if (operator === '<') return left !== undefined && left < right;
  if (operator === '>=') return left !== undefined && left >= right;
  if (operator === '<=') return left !== undefined && left <= right;
  throw new Error(`a condition that these tests do not know: ${text}`);
}

const SORTED_BY: Readonly<Record<string, string>> = {
  sweep: 'sweepAt',
  cause: 'causeSince',
  admission: 'admissionSince',
  day: 'dayKey',
  tasks: 'taskDue',
};
const keyOf = ({ pk, sk, id }: Item): string => (id !== undefined && pk === undefined ? String(id) : `${pk} ${sk}`);
const refused = () => new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
/** As DynamoDB cancels a transaction: one reason per item. */
export const canceled = (...codes: string[]) =>
  new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons: codes.map((Code) => ({ Code })) });

interface Write {
  readonly Item?: Item | undefined;
  readonly Key?: Item | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

/** One DynamoDB table in memory behind the document client: what the ledger and the slots use of it. */
export function memoryTable(...seed: Item[]) {
  const items = new Map(seed.map((item) => [keyOf(item), item]));
  /** What the next writes meet instead of success, in this order. `meanwhile`: what another writer does first. */
  const conflicts: { error: Error; meanwhile?: () => void }[] = [];
  const log = { gets: 0, writes: 0 };
  const fits = (write: Write) =>
    holds(
      { text: write.ConditionExpression, names: write.ExpressionAttributeNames, values: write.ExpressionAttributeValues },
      items.get(keyOf(write.Item ?? write.Key ?? {})),
    );
  const put = (item: Item = {}) => items.set(keyOf(item), structuredClone(item));

  function query({ input }: QueryCommand | ScanCommand) {
    const { KeyConditionExpression: text, IndexName, ScanIndexForward } = { KeyConditionExpression: undefined, ScanIndexForward: true, ...input };
    const where = { text, names: input.ExpressionAttributeNames, values: input.ExpressionAttributeValues };
    const by = SORTED_BY[IndexName ?? ''] ?? 'sk';
    // An index is sparse: an item without its attributes is not in it.
    const found = [...items.values()]
      .filter((item) => (IndexName === undefined || item[by] !== undefined) && holds(where, item))
      .sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1));
    if (ScanIndexForward === false) found.reverse();
    const start = input.ExclusiveStartKey;
    const rest = start ? found.slice(found.findIndex((item) => keyOf(item) === keyOf(start)) + 1) : found;
    const page = rest.slice(0, input.Limit ?? rest.length);
    const last = page.length === input.Limit ? page.at(-1) : undefined;
    // What the filter leaves out was read all the same.
    const kept = page.filter((item) => holds({ ...where, text: input.FilterExpression }, item));
    return { Count: kept.length, ...(input.Select !== 'COUNT' && { Items: kept }), ...(last && { LastEvaluatedKey: { pk: last.pk, sk: last.sk } }) };
  }

  function batch({ input }: BatchGetCommand) {
    const tables = Object.entries(input.RequestItems ?? {});
    log.gets += tables.flatMap(([, { Keys = [] }]) => Keys).length;
    return { Responses: Object.fromEntries(tables.map(([table, { Keys = [] }]) => [table, Keys.flatMap((key) => items.get(keyOf(key)) ?? [])])) };
  }

  function write(command: PutCommand | DeleteCommand | TransactWriteCommand): void {
    log.writes += 1;
    const conflict = conflicts.shift();
    conflict?.meanwhile?.();
    if (conflict) throw conflict.error;
    if (command instanceof TransactWriteCommand) {
      const all = command.input.TransactItems ?? [];
      const writes = all.map(({ Put, Delete, ConditionCheck }) => (Put ?? Delete ?? ConditionCheck) as Write);
      if (!writes.every(fits)) throw canceled(...writes.map((one) => (fits(one) ? 'None' : 'ConditionalCheckFailed')));
      for (const { Put, Delete } of all) {
        if (Put) put(Put.Item);
        if (Delete) items.delete(keyOf(Delete.Key ?? {}));
      }
      return;
    }
    if (!fits(command.input)) throw refused();
    if (command instanceof PutCommand) put(command.input.Item);
    else items.delete(keyOf(command.input.Key ?? {}));
  }

  const client = {
    send: async (command: unknown) => {
      if (command instanceof GetCommand) {
        log.gets += 1;
        return { Item: structuredClone(items.get(keyOf(command.input.Key ?? {}))) };
      }
      if (command instanceof QueryCommand || command instanceof ScanCommand) return query(command);
      if (command instanceof BatchGetCommand) return batch(command);
      if (!(command instanceof PutCommand || command instanceof DeleteCommand || command instanceof TransactWriteCommand)) {
        throw new Error('a command that these tests do not know');
      }
      write(command);
      return {};
    },
  } as unknown as DynamoDBDocumentClient;

  const head = (orderKey: string): Head => headOf(items.get(`O#${orderKey} HEAD`) ?? {});
  const facts = (orderKey: string): string[] =>
    [...items.values()]
      .filter(({ pk, sk }) => pk === `O#${orderKey}` && String(sk).startsWith('F#'))
      .map(({ event }) => (event as { type: string }).type);
  return { client, items, conflicts, log, put, head, facts };
}

/** The ledger on a table in memory, with these orders in it, under a clock that stands. */
export function ledgerWith(heads: readonly Head[], now = NOW) {
  const table = memoryTable(...heads.map(headItem));
  return { ...table, ledger: createLedger({ client: table.client, table: 'ledger', now: () => new Date(now) }) };
}

/** The document bucket in memory. */
export function memoryDocuments() {
  const objects = new Map<string, string>();
  const client = {
    send: async (command: unknown) => {
      if (command instanceof PutObjectCommand) return objects.set(command.input.Key ?? '', String(command.input.Body));
      const text = command instanceof GetObjectCommand ? objects.get(command.input.Key ?? '') : undefined;
      if (text === undefined) throw new NoSuchKey({ message: 'no such key', $metadata: {} });
      return { Body: { transformToString: async () => text } };
    },
  } as unknown as S3Client;
  return { objects, documents: createDocuments({ bucket: 'documents', client }) };
}
