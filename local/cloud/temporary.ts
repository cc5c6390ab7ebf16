import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { files } from '../paths.ts';

/**
 * Makes the folder in which a cloud unpacks functions. A package.json of its own, because Node would else find the project's, and run
 * every `index.js` without one as an ECMAScript module.
 */
export function makeTemporary(): void {
  mkdirSync(files.temporary, { recursive: true });
  writeFileSync(join(files.temporary, 'package.json'), '{}');
}
