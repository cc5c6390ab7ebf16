import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../local/paths.ts';
import { temporaryFolder } from './fixture.ts';

const bootstrap = join(root, 'local/localstack/executor/host_node_executor/bootstrap.mjs');

interface Executor {
  child: ChildProcess;
  control: Duplex;
  /** The next line that the process sends. */
  next(): Promise<unknown>;
  invoke(payload: unknown): Promise<unknown>;
  logs(): string;
  exited: Promise<number | null>;
}

/** Runs a function's code as LocalStack's executor does: over a socket whose descriptor an environment variable names. */
function execute(code: string, env: NodeJS.ProcessEnv = {}): Executor {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'index.mjs'), code);
  const child = spawn(process.execPath, [bootstrap], {
    cwd: folder,
    env: { HOST_NODE_CONTROL_FD: '3', LAMBDA_TASK_ROOT: folder, _HANDLER: 'index.handler', AWS_LAMBDA_FUNCTION_NAME: 'f', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const control = child.stdio[3] as Duplex;
  const lines = createInterface({ input: control })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null') as unknown;
  let logs = '';
  child.stdout?.on('data', (data: Buffer) => (logs += data));
  const invoke = (payload: unknown) => {
    const request = { id: 'r1', arn: 'arn:f', deadline: Date.now() + 5000, payload: JSON.stringify(payload) };
    control.write(`${JSON.stringify(request)}\n`);
    return next();
  };
  return { child, control, next, invoke, logs: () => logs, exited: new Promise((done) => child.once('exit', done)) };
}

test('a handler is loaded once and answers again and again', async () => {
  const { next, invoke } = execute('let n = 0; export const handler = async (event, context) => ({ n: ++n, event, name: context.functionName });');
  expect(await next()).toEqual({ type: 'ready' });
  expect(await invoke({ a: 1 })).toEqual({ id: 'r1', ok: true, result: '{"n":1,"event":{"a":1},"name":"f"}' });
  expect(await invoke(null)).toMatchObject({ result: expect.stringContaining('"n":2') });
});

test('the name of a thrown error reaches LocalStack, so that a state machine can catch it', async () => {
  const { next, invoke } = execute("class Busy extends Error { name = 'Busy' } export const handler = async () => { throw new Busy('later'); };");
  await next();
  expect(await invoke({})).toMatchObject({ ok: false, error: { errorType: 'Busy', errorMessage: 'later' } });
});

test('an error that escapes the handler ends the process with its invocation answered', async () => {
  const { next, invoke, exited } = execute(
    "export const handler = () => new Promise(() => { setTimeout(() => { throw new TypeError('late'); }); });",
  );
  await next();
  expect(await invoke({})).toMatchObject({ ok: false, error: { errorType: 'TypeError' } });
  expect(await exited).toBe(128);
});

test.each([
  ['a syntax error', 'export const handler = ;', 'Runtime.UserCodeSyntaxError'],
  ['no handler', 'export const other = 1;', 'Runtime.HandlerNotFound'],
  ['a missing import', "import './missing.mjs';", 'Runtime.ImportModuleError'],
])('%s is said when the function is loaded', async (_, code, errorType) => {
  const { next, exited } = execute(code);
  expect(await next()).toMatchObject({ type: 'init-error', error: { errorType } });
  expect(await exited).toBe(1);
});

test('console lines have the form of the managed runtime', async () => {
  const { next, invoke, logs } = execute("export const handler = async () => { console.warn('careful', { a: 1 }); };");
  await next();
  await invoke({});
  await expect.poll(logs).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\tr1\tWARN\tcareful \{ a: 1 \}\n$/);
});

test('the process ends when LocalStack goes away', async () => {
  const { next, control, exited } = execute('export const handler = async () => 1;');
  await next();
  control.destroy();
  expect(await exited).toBe(0);
});
