import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { root } from './templates.ts';

/** What the loop reported: the path below `/runtime/`, the body, and the error type in the header. */
interface Report {
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test names the fields that it reads
  readonly body: any;
  readonly errorType: string | undefined;
}

const started: { kill(): void }[] = [];
afterEach(() => {
  for (const one of started.splice(0)) one.kill();
});

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Runs the bootstrap with this handler against a Runtime API that has these events, and returns what was reported. */
async function run(handler: string, events: readonly unknown[], until: number): Promise<Report[]> {
  const waiting = [...events];
  const reports: Report[] = [];
  let done = () => {};
  const enough = new Promise<void>((resolve) => {
    done = resolve;
  });
  const api = createServer(async (request, response) => {
    const path = request.url?.replace('/2018-06-01/runtime/', '') ?? '';
    if (path === 'invocation/next') {
      if (waiting.length === 0) return; // as the real one: no answer until there is an invocation
      response.setHeader('lambda-runtime-aws-request-id', `request-${events.length - waiting.length + 1}`);
      response.setHeader('lambda-runtime-deadline-ms', String(Date.now() + 30_000));
      response.setHeader('lambda-runtime-invoked-function-arn', 'arn:aws:lambda:us-east-1:000000000000:function:tried');
      response.end(JSON.stringify(waiting.shift()));
      return;
    }
    const errorType = request.headers['lambda-runtime-function-error-type'] as string | undefined;
    reports.push({ path, body: JSON.parse(await read(request)), errorType });
    response.statusCode = 202;
    response.end();
    if (reports.length >= until) done();
  });
  await once(api.listen(0, '127.0.0.1'), 'listening');

  const folder = mkdtempSync(join(tmpdir(), 'quotebridge-loop-'));
  for (const file of ['bootstrap', 'loop.mjs']) copyFileSync(join(root, 'local/runtime', file), join(folder, file));
  writeFileSync(join(folder, 'index.mjs'), handler);
  const child = spawn(join(folder, 'bootstrap'), {
    stdio: 'ignore',
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
      AWS_LAMBDA_FUNCTION_NAME: 'tried',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
    },
  });
  started.push(child, {
    kill: () => {
      api.closeAllConnections();
      api.close();
    },
  });
  await enough;
  return reports;
}

describe('the event loop of functions on the embedded cloud', () => {
  test('answers each invocation with what the handler returned, one after the other in one process', async () => {
    const reports = await run('let n = 0; export const handler = async ({ x }) => ({ x, n: ++n })', [{ x: 'a' }, { x: 'b' }], 2);
    expect(reports).toEqual([
      { path: 'invocation/request-1/response', body: { x: 'a', n: 1 }, errorType: undefined },
      { path: 'invocation/request-2/response', body: { x: 'b', n: 2 }, errorType: undefined },
    ]);
  });

  test('a handler that returns nothing answers null', async () => {
    expect((await run('export const handler = async () => {}', [{}], 1))[0]).toMatchObject({ path: 'invocation/request-1/response', body: null });
  });

  test('an error is reported by its name, with message and trace, and the next invocation is served', async () => {
    const handler = `class Busy extends Error { name = 'Busy' }
      export const handler = async ({ fail }) => { if (fail) throw new Busy('not "now"'); return 'well' }`;
    const [failed, well] = await run(handler, [{ fail: true }, { fail: false }], 2);
    expect(failed).toMatchObject({ path: 'invocation/request-1/error', errorType: 'Busy', body: { errorType: 'Busy', errorMessage: 'not "now"' } });
    expect(failed?.body.trace.join('\n')).toContain('index.mjs');
    expect(well).toMatchObject({ path: 'invocation/request-2/response', body: 'well' });
  });

  test('a thrown value that is no Error is reported too', async () => {
    const [failed] = await run(`export const handler = async () => { throw 'just a text' }`, [{}], 1);
    expect(failed?.body).toMatchObject({ errorType: 'string', errorMessage: 'just a text' });
  });

  test('a module that cannot be loaded is an init error', async () => {
    const [failed] = await run(`throw new TypeError('LEDGER_TABLE is missing')`, [], 1);
    expect(failed).toMatchObject({ path: 'init/error', errorType: 'TypeError', body: { errorMessage: 'LEDGER_TABLE is missing' } });
  });

  test('a module without the handler is an init error', async () => {
    expect((await run('export const other = 1', [], 1))[0]).toMatchObject({ path: 'init/error' });
  });

  test('the context has what handlers and Powertools read', async () => {
    const handler = `export const handler = async (_event, context) => ({ ...context, left: context.getRemainingTimeInMillis() })`;
    const [answer] = await run(handler, [{}], 1);
    expect(answer?.body).toMatchObject({
      awsRequestId: 'request-1',
      functionName: 'tried',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tried',
    });
    expect(answer?.body.left).toBeGreaterThan(20_000);
    expect(answer?.body.left).toBeLessThanOrEqual(30_000);
  });
});
