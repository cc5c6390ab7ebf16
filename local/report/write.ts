import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from '../paths.ts';
import type { Report } from './data.ts';
import { page } from './page.ts';

/** Writes the report as data and as a page. @returns the page's file */
export function writeReport(report: Report): string {
  const folder = join(home, 'report');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const file = join(folder, 'index.html');
  writeFileSync(file, page(report));
  return file;
}
