import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, root } from '../paths.ts';

const ofNpm = (name: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;

/** The version of a Python package, as pip wrote it beside it. */
function ofPython(venv: string, name: string): string {
  const [folder = ''] = globSync(join(cacheDir, `venv-${venv}`, 'lib', 'python3*', 'site-packages', `${name}-*.dist-info`));
  return new RegExp(`${name}-(.+)\\.dist-info$`).exec(folder)?.[1] ?? 'unknown';
}

/** The commit of this checkout; a download without git has none. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ', with changes'}`;
  } catch {
    return 'not a git checkout'; // or git is not installed: nothing else of a run needs it
  }
}

/** What took part in a run. */
export const versions = (): Record<string, string> => ({
  Quotebridge: `${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version} (${commit()})`,
  Node: process.version,
  'AWS CDK': `${ofNpm('aws-cdk-lib')} (CLI ${ofNpm('aws-cdk')})`,
  MiniStack: ofPython('ministack', 'ministack'),
  Tryton: `${ofPython('tryton', 'trytond')} (web client ${ofNpm('tryton-sao')})`,
});
