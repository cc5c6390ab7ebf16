import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { report } from '../../local/report/data.ts';
import { picture } from '../../local/report/picture.ts';

const images = join(import.meta.dirname, '../../docs/images');
const run = report.parse(JSON.parse(readFileSync(join(images, 'run.json'), 'utf8')));

test("the README's picture is drawn from the run that stands beside it (else: npm run picture)", () => {
  expect(readFileSync(join(images, 'run.svg'), 'utf8')).toBe(picture(run));
});

test('the run of the picture was a good one', () => {
  expect(run.ok).toBe(true);
  expect(run.erp.duplicates).toEqual([]);
});

test('the picture shows what the report says', () => {
  expect(picture({ ...run, erp: { ...run.erp, orders: 4711 } })).toContain('4711, counted in its own database');
});
