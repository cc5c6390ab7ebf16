import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheDir, logFile } from './paths.ts';
import { run } from './processes.ts';

interface VenvOptions {
  /** `.local/venv-<name>` */
  name: string;
  /** A requirements file with the hash of every package. */
  requirements: string;
  signal?: AbortSignal | undefined;
  detail?: (text: string) => void;
}

export interface Venv {
  python: string;
  bin: string;
}

const cure = 'Most often the network or the package index was not reachable. Run the same command again: it starts over.';

/**
 * A Python virtual environment with exactly the packages of a requirements file, made when it is missing or the file changed.
 * The stamp is written last and names the file's hash, so an interrupted install is made anew. pip refuses a package whose hash is not listed.
 */
export async function ensureVenv(options: VenvOptions): Promise<Venv> {
  const text = readFileSync(options.requirements, 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  const folder = join(cacheDir, `venv-${options.name}`);
  const venv = { python: join(folder, 'bin', 'python'), bin: join(folder, 'bin') };
  const stamp = join(folder, 'requirements.sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && existsSync(venv.python)) return venv;

  const log = logFile(`venv-${options.name}`);
  const common = { log, cure, signal: options.signal };
  options.detail?.(`making a virtual environment for ${basename(options.requirements)}`);
  rmSync(log, { force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheDir, { recursive: true });
  await run(process.env.QUOTEBRIDGE_PYTHON ?? 'python3', ['-m', 'venv', folder], common);
  options.detail?.('downloading Python packages');
  const pip = [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--no-input',
    '--require-hashes',
    '--prefer-binary',
    '-r',
    options.requirements,
  ];
  await run(venv.python, pip, { ...common, onLine: (line) => showPackage(line, options.detail) });
  writeFileSync(stamp, hash);
  return venv;
}

function showPackage(line: string, detail: VenvOptions['detail']): void {
  const name = /^Collecting ([^=<>~ ]+)/.exec(line)?.[1];
  if (name) detail?.(`downloading Python packages: ${name}`);
}
