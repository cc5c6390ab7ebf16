import { Failure } from './failure.ts';

type Literal = string | number | boolean | null;

export interface Condition {
  readonly field: string;
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN';
  readonly values: readonly Literal[];
}

export interface Query {
  readonly fields: readonly string[];
  readonly object: string;
  readonly where: readonly Condition[];
  readonly orderBy: readonly { field: string; descending: boolean }[];
  readonly limit: number | undefined;
}

interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'date' | 'symbol';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(?<string>'(?:[^'\\]|\\.)*')|(?<date>\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?)|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z][\w.]*)|(?<symbol><=|>=|!=|[=<>(),]))/y;

function tokens(soql: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < soql.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(soql)?.groups;
    if (groups === undefined) throw new Failure(400, 'MALFORMED_QUERY', `line 1:${start} no viable alternative at character '${soql[start]}'`);
    const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) as [Token['kind'], string];
    found.push({ kind, text });
  }
  return found;
}

/** Reads one token after the other; whatever does not fit is MALFORMED_QUERY. */
class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(soql: string) {
    this.#tokens = tokens(soql);
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  unexpected(): Failure {
    return new Failure(400, 'MALFORMED_QUERY', `unexpected token: '${this.#tokens[this.#at]?.text ?? '<EOF>'}'`);
  }

  is(word: string): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && token.kind !== 'string' && token.text.toUpperCase() === word;
  }

  take(word: string): boolean {
    if (!this.is(word)) return false;
    this.#at++;
    return true;
  }

  expect(...words: string[]): void {
    for (const word of words) if (!this.take(word)) throw this.unexpected();
  }

  next(...kinds: Token['kind'][]): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined || !kinds.includes(token.kind)) throw this.unexpected();
    this.#at++;
    return token;
  }

  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.take(',')) items.push(item());
    return items;
  }
}

function literal(reader: Reader): Literal {
  const token = reader.next('string', 'number', 'date', 'word');
  if (token.kind === 'string') return token.text.slice(1, -1).replace(/\\(.)/g, '$1');
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'date') return token.text;
  const word = token.text.toUpperCase();
  if (word === 'NULL') return null;
  if (word === 'TRUE' || word === 'FALSE') return word === 'TRUE';
  throw new Failure(400, 'MALFORMED_QUERY', `unexpected token: '${token.text}'`);
}

function condition(reader: Reader): Condition {
  const field = reader.next('word').text;
  if (reader.take('IN')) {
    reader.expect('(');
    const values = reader.list(() => literal(reader));
    reader.expect(')');
    return { field, operator: 'IN', values };
  }
  const operator = reader.next('symbol').text;
  if (!['=', '!=', '<', '<=', '>', '>='].includes(operator)) throw reader.unexpected();
  return { field, operator: operator as Condition['operator'], values: [literal(reader)] };
}

function order(reader: Reader): { field: string; descending: boolean } {
  const field = reader.next('word').text;
  const descending = reader.take('DESC');
  if (!descending) reader.take('ASC');
  return { field, descending };
}

/**
 * Parses the SOQL that integrations send: SELECT fields FROM object WHERE conditions joined by AND, ORDER BY, LIMIT. What Salesforce
 * knows beyond that (OR, functions, subqueries) is refused here as a malformed query.
 */
export function parse(soql: string): Query {
  const reader = new Reader(soql);
  reader.expect('SELECT');
  const fields = reader.list(() => reader.next('word').text);
  reader.expect('FROM');
  const object = reader.next('word').text;
  const where: Condition[] = [];
  if (reader.take('WHERE')) {
    do where.push(condition(reader));
    while (reader.take('AND'));
  }
  let orderBy: Query['orderBy'] = [];
  if (reader.take('ORDER')) {
    reader.expect('BY');
    orderBy = reader.list(() => order(reader));
  }
  const limit = reader.take('LIMIT') ? Number(reader.next('number').text) : undefined;
  if (!reader.done) throw reader.unexpected();
  return { fields, object, where, orderBy, limit };
}
