import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_EVENTS, quoteAccepted } from '../../contracts/events.ts';
import { schemaFiles } from '../../contracts/schema-files.ts';

const folder = join(import.meta.dirname, '../../contracts/schemas');

test('the committed JSON Schemas are those of the definitions (else: npm run schemas)', () => {
  const committed = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  expect(committed).toEqual(schemaFiles());
});

test('every event type is <entity>.<past-tense>.v<major> and unique', () => {
  const types = ALL_EVENTS.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  for (const type of types) expect(type).toMatch(/^(quote|order|task)\.[a-z]+(-[a-z]+)*\.v\d+$/);
});

test('the rule pattern of an event is its type, as detail-type', () => {
  for (const { type, pattern } of ALL_EVENTS) expect(pattern).toEqual({ detailType: [type] });
});

const accepted = (data: object) => ({
  specversion: '1.0',
  id: '1',
  source: 'test',
  type: 'quote.accepted.v1',
  time: '2026-01-01T00:00:00Z',
  tenant: 't',
  data: { quote: { cpq: 'c', id: 'q', revision: 1, currency: 'EUR', total: '1.00' }, acceptedAt: '2026-01-01T00:00:00Z', ...data },
});
const content = {
  parties: [{ role: 'sold-to', customer: 'a' }],
  lines: [{ id: '1', product: 'p', quantity: '1', listPrice: '1', netPrice: '1', amount: '1.00' }],
};
const document = { key: 'quotes/x.json', hash: 'a'.repeat(64) };

test('an accepted quote carries its content or a reference to it, never both and never neither', () => {
  expect(quoteAccepted.schema.safeParse(accepted({ content })).success).toBe(true);
  expect(quoteAccepted.schema.safeParse(accepted({ document })).success).toBe(true);
  expect(quoteAccepted.schema.safeParse(accepted({ content, document })).success).toBe(false);
  expect(quoteAccepted.schema.safeParse(accepted({})).success).toBe(false);
});

test('money that is a number is refused: a float has lost cents already', () => {
  const event = accepted({ content });
  (event.data.quote as { total: unknown }).total = 1.1;
  expect(quoteAccepted.schema.safeParse(event).success).toBe(false);
});
