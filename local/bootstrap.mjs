// The one entry of every npm script. Plain JavaScript for Node 20 without dependencies: it looks at the tools of the machine before anything is
// downloaded, installs the npm packages when they are missing or stale, and hands over to local/commands/<command>.ts on the Node 24 from npm.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');
/** Commands that start a cloud or an ERP, which are Python programs in virtual environments. */
const needsPython = new Set(['start', 'up', 'test', 'test:protocol', 'test:localstack', 'campaigns']);
/** Commands whose environment has a home of its own, so that they never meet a running `npm run up`. */
const ownHome = { test: 'test', 'test:protocol': 'test-protocol', 'test:localstack': 'test-localstack', campaigns: 'campaigns' };

/** What `--help` says of each command, after `npm`: what it takes, and what it does. */
const usage = {
  start: `start [-- OPTIONS]
  --quotes N   sends the first N accepted quotes; 60 when left out
  --all        sends all of them
  --keep       leaves everything running at the end; npm run down stops it`,
  up: `run up [-- --redeploy]
  starts an environment on this machine; --redeploy deploys what has changed to the one that runs`,
  down: `run down [-- --destroy]
  stops the environment of this folder; --destroy takes its stacks down first`,
  deploy: `run deploy -- --stage NAME [OPTIONS OF CDK]
  deploys config/NAME.ts to AWS`,
  synth: `run synth [-- --stage NAME] [OPTIONS OF CDK]
  writes the CloudFormation templates of config/NAME.ts, without credentials`,
  bench: `run bench -- NAME
  runs bench/NAME.ts against a running npm run up`,
  check: `run check
  looks for wrong types, lint and unused code`,
  test: `test
  runs every tier against an environment of its own`,
  'test:unit': `run test:unit [-- FILE...] [OPTIONS OF VITEST]
  runs the unit tests, or those of the files`,
  'test:protocol': `run test:protocol [-- FILE...] [OPTIONS OF VITEST]
  explores the protocol, against an environment of its own`,
  'test:integration': `run test:integration [-- NAME]
  runs all integration tests against a running npm run up, or the files or tests of that name`,
  'test:localstack': `run test:localstack
  runs the tests of the deployed stacks on real LocalStack`,
  campaigns: `run campaigns [-- NAME... OPTIONS]
  --seed N     draws the same plan again; a new one when left out
  --part P     of the long form only this percentage, and docs/reliability.md stays as it is
  --short      a few orders each, and docs/reliability.md stays as it is`,
};

/** A problem that the user can cure: what happened, and what to do. */
export class Unready extends Error {
  constructor(problem, cure) {
    super(`${problem}\n${cure}`);
  }
}

const asRoot = () => (process.getuid?.() === 0 ? '' : 'sudo ');

/** @returns the major version of a `node`, or 0 when it does not run here */
function nodeMajor(binary) {
  const answer = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 ? Number(/^v(\d+)/.exec(answer.stdout)?.[1] ?? 0) : 0;
}

/** Finds a Python >= 3.10 that can make virtual environments. */
export function findPython(names = [process.env.QUOTEBRIDGE_PYTHON, 'python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
  const seen = [];
  for (const name of names.filter(Boolean)) {
    const probe = 'import sys; print("%d.%d" % sys.version_info[:2]); import venv, ensurepip';
    const answer = spawnSync(name, ['-c', probe], { encoding: 'utf8' });
    if (answer.error) continue;
    const version = answer.stdout.trim();
    const [major, minor] = version.split('.').map(Number);
    if (major !== 3 || !(minor >= 10)) seen.push(`${name} is ${version || 'broken'}`);
    else if (answer.status !== 0) seen.push(`${name} (${version}) has no venv module`);
    else return name;
  }
  const noVenv = seen.find((line) => line.endsWith('no venv module'));
  if (noVenv)
    throw new Unready(
      `${noVenv}, which is needed to install the local cloud and the ERP.`,
      `Install it, then run the same command again:\n  ${asRoot()}apt-get install -y python3-venv`,
    );
  throw new Unready(
    `Python 3.10 or newer is needed to run the local cloud and the ERP, and none was found${seen.length > 0 ? ` (${seen.join(', ')})` : ''}.`,
    `Install it, then run the same command again:\n  ${asRoot()}apt-get install -y python3 python3-venv`,
  );
}

/** Checks the tools that are needed before anything is downloaded. @returns the environment variables that the command gets */
export function checkTools(command, versions = process.versions) {
  if (Number(versions.node.split('.')[0]) < 20) {
    throw new Unready(
      `Node ${versions.node} is too old: 20 or newer is needed.`,
      'Install a newer one, for example from https://nodejs.org, then run the same command again.',
    );
  }
  if (spawnSync('npm', ['--version'], { encoding: 'utf8' }).status !== 0) {
    throw new Unready('npm was not found.', `Install it, then run the same command again:\n  ${asRoot()}apt-get install -y npm`);
  }
  return needsPython.has(command) ? { QUOTEBRIDGE_PYTHON: findPython() } : {};
}

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Whether node_modules holds what package-lock.json says. npm writes node_modules/.package-lock.json as its last act, so an install that was
 * interrupted has none; optional packages of other platforms are not in it.
 */
export function installed(folder) {
  const written = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  const wanted = json(join(folder, 'package-lock.json')).packages;
  const present = json(written).packages;
  const same = (one, other) => one && other && one.version === other.version && one.integrity === other.integrity;
  const complete = Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || same(entry, present[path]));
  return complete && Object.entries(present).every(([path, entry]) => same(entry, wanted[path]));
}

function reportInstall(log, seconds) {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20);
  return new Unready(
    `Installing the npm packages failed after ${seconds} s. The last lines of ${log}:\n  ${lines.join('\n  ')}`,
    'Most often the network or the registry was not reachable. Check `npm ping`, then run the same command again: it starts over.',
  );
}

/** Runs `npm ci` with a line every 5 s. Install scripts stay off: esbuild, the only package with one that matters, brings its binary as a package. */
async function install() {
  const log = join(root, '.local', 'logs', 'npm-ci.log');
  mkdirSync(dirname(log), { recursive: true });
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true });
  console.log('Installing the npm packages (20 to 60 s, 700 MB on disk, only when they changed)');
  const output = openSync(log, 'w');
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--loglevel=error', '--include=dev', '--include=optional'], {
    cwd: root,
    stdio: ['ignore', output, output],
    detached: true,
  });
  const ticker = setInterval(() => console.log(`  still installing, ${seconds()} s`), 5000);
  let interrupted = false;
  const stop = () => {
    interrupted = true;
    process.kill(-npm.pid, 'SIGKILL');
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
  const code = await new Promise((done) => npm.on('close', done).on('error', () => done(1)));
  clearInterval(ticker);
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  if (interrupted) {
    console.error('Interrupted while installing the npm packages. Nothing is left running; the next run installs them again.');
    process.exit(130);
  }
  if (code !== 0) throw reportInstall(log, seconds());
  console.log(`  installed in ${seconds()} s`);
}

/** The Node that runs the project: the one from npm, else the system's when it is new enough. */
function projectNode() {
  const own = join(binaries, 'node');
  if (nodeMajor(own) >= 24) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Unready(
    `There is no Node 24 from npm for ${process.platform} ${process.arch}, and the Node that runs this is ${process.versions.node}.`,
    'Install Node 24 or newer, for example from https://nodejs.org, then run the same command again.',
  );
}

function commandFile(command) {
  const folder = join(root, 'local', 'commands');
  const file = join(folder, `${(command ?? '').replaceAll(':', '-')}.ts`);
  if (command && existsSync(file)) return file;
  const known = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -3));
  throw new Unready(`There is no command "${command ?? ''}".`, `Commands: ${known.join(', ')}.`);
}

/** npm ends its shell but not what the shell started when it is told to end: then this process has another parent, and ends too. */
function endWithParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  watch.unref();
}

/** Runs the command and passes signals on; it ends as the command ends. */
async function run(file, args, environment) {
  const PATH = [binaries, process.env.PATH].join(delimiter);
  const child = spawn(projectNode(), [file, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment, PATH } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  endWithParent(child);
  const [code, signal] = await new Promise((done) => child.on('close', (...how) => done(how)));
  process.exit(code ?? 128 + constants.signals[signal]);
}

async function main([command, ...args]) {
  if (usage[command] && args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(`npm ${usage[command]}`);
    return;
  }
  const file = commandFile(command);
  const environment = checkTools(command);
  if (ownHome[command]) environment.QUOTEBRIDGE_HOME = join(root, '.local', ownHome[command]);
  if (!installed(root)) await install();
  await run(file, args, environment);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Unready ? `\n${error.message}` : error);
    process.exit(1);
  });
}
