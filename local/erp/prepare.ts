import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, logFile } from '../paths.ts';
import { alive, identify, type ProcessId, run } from '../processes.ts';
import { ensureVenv, type Venv } from '../python-venv.ts';
import { CLERK, type ErpUser, INTEGRATION_USER, type SeedData, seedData } from './seed-data.ts';

/** Which logins the database knows. The passwords are made with the database and stand beside it, readable by its owner alone. */
interface ErpLogins {
  /** The user of the integration, with the least rights that work. */
  readonly integration: ErpLogin;
  /** A person in the web client, who may correct master data. */
  readonly clerk: ErpLogin;
}

interface ErpLogin {
  readonly username: string;
  readonly password: string;
}

export interface PreparedErp {
  /** The prepared database: never served itself, every run takes a copy (`freshCopy`). */
  readonly database: string;
  readonly logins: ErpLogins;
  readonly venv: Venv;
}

export interface PrepareOptions {
  /** Where prepared databases are kept. */
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
  /** What happens, and how far the preparation is: 0 to 1. Not called when the prepared database is there. */
  readonly progress?: (text: string, fraction: number) => void;
}

/** Tryton's modules by their own names; what they depend on is added by Tryton. The second puts the carrier on the sale. */
const MODULES = ['sale', 'sale_shipment_cost'];
/** Lines that trytond-admin logs while it sets up these modules, and its share of the whole time: both measured. */
const SETUP_LINES = 829;
const SETUP_SHARE = 0.75;

const here = import.meta.dirname;
const requirements = join(here, 'requirements.txt');
const cure = 'Run the same command again: the database is prepared anew.';

/**
 * The prepared database of the ERP, made once (about 30 s on 2 cores) and cached by the hash of everything that it is made from. It
 * is made in a folder of its own and moved into its place in one step, so an interruption leaves nothing that looks finished, and
 * of two that prepare at once the first wins.
 *
 * @throws Problem when a command fails, Interrupted when `signal` fires
 */
export async function prepareErp(options: PrepareOptions = {}): Promise<PreparedErp> {
  const venv = await ensureVenv({ name: 'tryton', requirements, signal: options.signal, detail: (text) => options.progress?.(text, 0) });
  const data = seedData(new Date().getUTCFullYear());
  const parent = options.folder ?? join(cacheDir, 'erp');
  const folder = join(parent, `prepared-${fingerprint(data)}`);
  if (!existsSync(folder)) await prepareInto(parent, folder, venv, data, options);
  return { database: join(folder, 'erp.sqlite'), logins: JSON.parse(readFileSync(join(folder, 'logins.json'), 'utf8')) as ErpLogins, venv };
}

/** A database for one run: the prepared file under another name, without what an earlier run left there. */
export function freshCopy(prepared: PreparedErp, target: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${target}${suffix}`, { force: true });
  copyFileSync(prepared.database, target);
  chmodSync(target, 0o600);
}

function fingerprint(data: SeedData): string {
  const hash = createHash('sha256').update(JSON.stringify([MODULES, data]));
  for (const file of [requirements, join(here, 'seed.py'), join(here, 'accounting.py')]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

async function prepareInto(parent: string, folder: string, venv: Venv, data: SeedData, options: PrepareOptions): Promise<void> {
  removeAbandoned(parent);
  const { pid, started } = identify(process.pid);
  const work = join(parent, `preparing-${pid}-${started}`);
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    await setUp(work, venv, options);
    const logins = await seed(work, venv, data, options);
    rmSync(join(work, 'setup'), { recursive: true });
    writeFileSync(join(work, 'logins.json'), JSON.stringify(logins, null, 2), { mode: 0o600 });
    putInPlace(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Creates the tables of all modules. The administrator's password is thrown away: nobody works as administrator. */
async function setUp(work: string, venv: Venv, options: PrepareOptions): Promise<void> {
  mkdirSync(join(work, 'setup'));
  writeFileSync(join(work, 'setup', 'tryton.conf'), `[database]\nuri = sqlite://\npath = ${work}\n`);
  writeFileSync(join(work, 'setup', 'admin-password'), password(), { mode: 0o600 });
  writeFileSync(join(work, 'erp.sqlite'), '', { mode: 0o600 }); // trytond-admin does not create the file of an SQLite database
  let lines = 0;
  const args = ['-u', ...MODULES, '--activate-dependencies', '--email', 'erp@localhost.localdomain', '-vv'];
  await run(join(venv.bin, 'trytond-admin'), ['-c', join(work, 'setup', 'tryton.conf'), '-d', 'erp', ...args], {
    ...common(options),
    env: { ...environment(), TRYTONPASSFILE: join(work, 'setup', 'admin-password') },
    onLine: (line) => {
      lines += 1;
      const module = / trytond\.modules (\w+) (?:register|load) /.exec(line)?.[1];
      if (module !== undefined) options.progress?.(`setting up the ERP: ${module}`, Math.min(1, lines / SETUP_LINES) * SETUP_SHARE);
    },
  });
}

async function seed(work: string, venv: Venv, data: SeedData, options: PrepareOptions): Promise<ErpLogins> {
  const login = (user: ErpUser): ErpLogin => ({ username: user.login, password: password() });
  const logins = { integration: login(INTEGRATION_USER), clerk: login(CLERK) };
  const passwords = new Map(Object.values(logins).map((one) => [one.username, one.password]));
  const users = data.users.map((user) => ({ ...user, password: passwords.get(user.login) }));
  const file = join(work, 'setup', 'data.json');
  writeFileSync(file, JSON.stringify({ ...data, users }), { mode: 0o600 });
  await run(venv.python, [join(here, 'seed.py'), join(work, 'setup', 'tryton.conf'), 'erp', file], {
    ...common(options),
    env: environment(),
    onLine: (line) => {
      if (!line.startsWith('{"text"')) return;
      const { text, fraction } = JSON.parse(line) as { text: string; fraction: number };
      options.progress?.(`master data of the ERP: ${text}`, SETUP_SHARE + fraction * (1 - SETUP_SHARE));
    },
  });
  return logins;
}

function putInPlace(work: string, folder: string): void {
  try {
    renameSync(work, folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error; // else somebody else was faster
  }
}

/** Folders of preparations whose process is gone (killed without a chance to clean up). */
function removeAbandoned(parent: string): void {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const maker = /^preparing-(\d+)-(\d*)$/.exec(name);
    if (!maker) continue;
    const id: ProcessId = { pid: Number(maker[1]), started: maker[2] ?? '' };
    if (!alive(id)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

const password = (): string => randomBytes(24).toString('base64url');

const common = (options: PrepareOptions) => ({ log: logFile('erp-prepare'), cure, signal: options.signal });

/** Tryton keeps naive times: the server and everything that writes to its database run in UTC. */
export const environment = (): NodeJS.ProcessEnv => ({ ...process.env, TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1' });
