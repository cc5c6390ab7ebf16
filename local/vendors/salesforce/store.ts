import { Failure, notFound } from './failure.ts';
import { isObject, type ObjectName, type Row, SCHEMA } from './schema.ts';
import { type Condition, parse } from './soql.ts';

export type Records = Partial<Record<ObjectName, readonly Row[]>>;
type Value = Row[string];
type Answer = { [field: string]: Value | Answer } | null;

/** Whole seconds: Salesforce does not tell two changes within one apart. */
const stamp = (): string => new Date().toISOString().replace(/\d{3}Z$/, '000+0000');

/** The records of the organisation and the queries on them. Salesforce writes times as `2026-01-31T12:00:00.000+0000`. */
export class Store {
  readonly #tables: Record<ObjectName, Map<string, Row>> = {
    Account: new Map(),
    User: new Map(),
    SBQQ__Quote__c: new Map(),
    SBQQ__QuoteLine__c: new Map(),
  };

  /** Ids in the recycle bin. */
  readonly #bin = new Set<string>();

  constructor(records: Records) {
    this.put(records);
  }

  /** Adds records, or changes them as people do, who leave alone what others write; one without its own stamp was modified now. */
  put(records: Records): void {
    for (const [object, rows] of Object.entries(records)) {
      const table = this.#table(object);
      for (const row of rows) table.set(row.Id, { ...table.get(row.Id), IsDeleted: false, LastModifiedDate: stamp(), ...row });
    }
  }

  /** Changes fields of a record and its stamp. @throws Error when there is no such record */
  patch(object: string, id: string, fields: Partial<Row>): void {
    const row = this.#table(object).get(id);
    if (row === undefined) throw new Error(`no record ${id} of ${object}`);
    this.#table(object).set(id, { ...row, LastModifiedDate: stamp(), ...fields } as Row);
  }

  remove(object: string, id: string): void {
    if (this.#table(object).delete(id)) this.#bin.add(id);
  }

  /** A record with all its fields, as it is stored; null when there is none. */
  record(object: string, id: string): Row | null {
    return this.#table(object).get(id) ?? null;
  }

  /**
   * What PATCH does: writes fields unless the record was changed after `unmodifiedSince`, in whole seconds.
   * @returns false when it was
   */
  update(object: string, id: string, fields: Readonly<Record<string, unknown>>, unmodifiedSince: Date | undefined): boolean {
    if (!isObject(object)) throw notFound();
    const row = this.#table(object).get(id);
    if (row === undefined) throw this.#bin.has(id) ? new Failure(404, 'ENTITY_IS_DELETED', 'entity is deleted') : notFound();
    for (const [name, value] of Object.entries(fields)) checkField(object, name, value);
    if (unmodifiedSince && Math.floor(Date.parse(String(row.LastModifiedDate)) / 1000) > Math.floor(unmodifiedSince.getTime() / 1000)) return false;
    this.patch(object, id, fields as Partial<Row>);
    return true;
  }

  /** The rows that a SOQL query selects, with the selected fields, as the REST API writes them. */
  query(soql: string, version: string): Answer[] {
    const { fields, object, where, orderBy, limit } = parse(soql);
    if (!isObject(object)) throw invalidType(object);
    for (const field of [...fields, ...where.map((one) => one.field), ...orderBy.map((one) => one.field)]) this.#check(object, field);
    const rows = [...this.#table(object).values()].filter((row) => where.every((one) => this.#matches(object, row, one)));
    rows.sort((a, b) => {
      for (const { field, descending } of orderBy) {
        const result = compare(this.#value(object, a, field), this.#value(object, b, field));
        if (result !== 0) return descending ? -result : result;
      }
      return 0;
    });
    return rows.slice(0, limit).map((row) => this.#select(object, row, fields, version));
  }

  /** One record by its id, as `/sobjects/<object>/<id>` answers; undefined when there is none. */
  read(object: string, id: string, fields: readonly string[] | undefined, version: string): Answer | undefined {
    if (!isObject(object)) throw notFound();
    const row = this.#table(object).get(id);
    const chosen = fields ?? [...SCHEMA[object].fields];
    for (const field of chosen) this.#check(object, field);
    return row === undefined ? undefined : this.#select(object, row, chosen, version);
  }

  #table(object: string): Map<string, Row> {
    if (!isObject(object)) throw invalidType(object);
    return this.#tables[object];
  }

  #check(object: ObjectName, path: string): void {
    const [head, ...rest] = path.split('.');
    if (rest.length === 0) {
      if (!SCHEMA[object].fields.has(path)) throw noSuchColumn(object, path);
      return;
    }
    const parent = SCHEMA[object].parents[head as string];
    if (parent === undefined) throw new Failure(400, 'INVALID_FIELD', `Didn't understand relationship '${head}' in field path.`);
    this.#check(parent.object, rest.join('.'));
  }

  #value(object: ObjectName, row: Row, path: string): Value {
    const [head, ...rest] = path.split('.');
    if (rest.length === 0) return row[path] ?? null;
    const parent = SCHEMA[object].parents[head as string];
    const other = parent && this.#tables[parent.object].get(String(row[parent.field]));
    return parent === undefined || other === undefined ? null : this.#value(parent.object, other, rest.join('.'));
  }

  #matches(object: ObjectName, row: Row, { field, operator, values }: Condition): boolean {
    const value = this.#value(object, row, field);
    if (operator === 'IN' || operator === '=') return values.some((one) => compare(value, one) === 0);
    const result = compare(value, values[0] as Value);
    if (operator === '!=') return result !== 0;
    return operator.startsWith('<') ? result < 0 || (operator === '<=' && result === 0) : result > 0 || (operator === '>=' && result === 0);
  }

  #select(object: ObjectName, row: Row, fields: readonly string[], version: string): Answer {
    const answer: { [field: string]: Value | Answer } = {
      attributes: { type: object, url: `/services/data/${version}/sobjects/${object}/${row.Id}` },
    };
    const parents = new Map<string, string[]>();
    for (const path of fields) {
      const [head, ...rest] = path.split('.') as [string, ...string[]];
      if (rest.length === 0) answer[head] = row[head] ?? null;
      else parents.set(head, [...(parents.get(head) ?? []), rest.join('.')]);
    }
    for (const [name, paths] of parents) {
      const parent = SCHEMA[object].parents[name];
      const other = parent && this.#tables[parent.object].get(String(row[parent.field]));
      answer[name] = parent === undefined || other === undefined ? null : this.#select(parent.object, other, paths, version);
    }
    return answer;
  }
}

/** Throws Failure as Salesforce does for a field that is not there, may not be written, or is too short. */
function checkField(object: ObjectName, name: string, value: unknown): void {
  const { fields, writable } = SCHEMA[object];
  if (!fields.has(name)) throw new Failure(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object}`);
  if (!Object.hasOwn(writable, name)) {
    const message = `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`;
    throw new Failure(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', message);
  }
  const length = writable[name];
  if (length !== undefined && typeof value === 'string' && value.length > length)
    throw new Failure(400, 'STRING_TOO_LONG', `${name}: data value too large: ${value} (max length=${length})`);
}

const invalidType = (object: string): Failure =>
  new Failure(
    400,
    'INVALID_TYPE',
    `sObject type '${object}' is not supported. If you are attempting to use a custom object, be sure to append the '__c'.`,
  );

const noSuchColumn = (object: string, field: string): Failure =>
  new Failure(
    400,
    'INVALID_FIELD',
    `ERROR at Row:1:Column:8\nNo such column '${field}' on entity '${object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );

/** Null first, as Salesforce sorts; times are compared as instants. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [Date.parse(a), Date.parse(b)];
    if (a.includes('T') && b.includes('T') && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  }
  return a < b ? -1 : 1;
}
