import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { FaultRules } from './fault-rules.ts';
import type { FaultRule, PlannedRule } from './faults.ts';
import { type ListenOptions, type LocalServer, listen, readText, sendJson } from './http.ts';

export interface FaultProxyOptions extends ListenOptions {
  /** Base URL of the ERP, or of the local cloud. */
  readonly target: string;
}

interface Forwarded {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const CONTROL = '/__faults';

/**
 * An HTTP proxy in front of an ERP, or of the local cloud, that fails as networks do, where a rule says so, and counts. Without rules it changes nothing.
 *
 * `POST /__faults` {FaultRule} answers {id}; `DELETE /__faults[/<id>]`; `GET /__faults` answers rules with their hits, requests by
 * method, writes in flight; `DELETE /__faults/counters`; `GET /__faults/wait?rule=<id>&ms=<time>` answers when the rule was hit (408
 * when it was not within the time). A rule for drop-answer or hold-answer counts as hit when the ERP has answered, that is after its commit;
 * a call that the ERP refuses does not count, and is answered as it was.
 */
export async function start({ target, ...options }: FaultProxyOptions): Promise<LocalServer> {
  const rules = new FaultRules();
  return listen(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://proxy');
    if (url.pathname === CONTROL || url.pathname.startsWith(`${CONTROL}/`)) return control(rules, request, response, url);
    const text = await readText(request);
    const method = methodOf(request, url, text);
    const finished = rules.count(method);
    try {
      await answer(rules, rules.find(method, text), target, request, response, text);
    } finally {
      finished();
    }
  }, options);
}

/** JSON-RPC names its method in the body, DynamoDB (`DynamoDB_20120810.PutItem`) in a header; a REST call is named by verb and path. */
function methodOf(request: IncomingMessage, url: URL, text: string): string {
  const operation = request.headers['x-amz-target'];
  if (operation) return String(operation).replace(/_\d+\./, '.');
  const named = url.pathname.endsWith('/rpc/') ? /"method":"([\w.]+)"/.exec(text)?.[1] : undefined;
  return named ?? `${request.method} ${url.pathname}`;
}

async function answer(
  rules: FaultRules,
  rule: PlannedRule | undefined,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
): Promise<void> {
  const hit = () => rule && rules.hit(rule, request.socket.remotePort);
  if (rule?.action === 'reset') {
    hit();
    request.socket.resetAndDestroy();
    return;
  }
  if (rule?.action === 'status') {
    hit();
    return sendJson(response, rule.status ?? 503, { fault: rule.id });
  }
  if (rule?.action === 'delay') {
    hit();
    await rules.hold(rule); // and goes on even if the client has left: the call lands late
  }
  if (rule?.action === 'hold-request') {
    hit();
    await rules.hold(rule, left(request));
    if (request.socket.destroyed) return;
  }
  const forwarded = await forward(target, request, text);
  if (rule?.action === 'other-answer') {
    hit();
    return sendJson(response, rule.status ?? 503, { fault: rule.id });
  }
  const refused = forwarded !== undefined && forwarded.status >= 400;
  if (rule?.action === 'drop-answer' || rule?.action === 'hold-answer') {
    if (refused) rules.giveBack(rule);
    else hit();
  }
  if (rule?.action === 'hold-answer' && !refused) await rules.hold(rule);
  if (forwarded === undefined || (rule?.action === 'drop-answer' && !refused)) {
    request.socket.destroy();
    return;
  }
  response.writeHead(forwarded.status, forwarded.headers);
  response.end(forwarded.body);
}

/** Aborted when the client closes its connection, or its process ends. */
function left({ socket }: IncomingMessage): AbortSignal {
  const gone = new AbortController();
  if (socket.destroyed) gone.abort();
  socket.once('close', () => gone.abort());
  return gone.signal;
}

/**
 * Unchanged, compressed bodies included. An ERP that does not listen is answered with 503, for nothing was sent to it; undefined when
 * it broke the connection.
 */
function forward(target: string, request: IncomingMessage, text: string): Promise<Forwarded | undefined> {
  const { host, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
  const signed = headers.authorization?.startsWith('AWS4-') ? { host } : {}; // the signature covers the name under which the client knows us
  const length = Buffer.byteLength(text);
  return new Promise((done) => {
    const onward = httpRequest(new URL(request.url ?? '/', target), {
      method: request.method,
      headers: { ...headers, ...signed, ...(length > 0 ? { 'content-length': length } : {}) },
      agent: false,
    });
    onward.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => done(undefined));
      incoming.on('end', () => {
        const { connection: ____, 'transfer-encoding': _____, ...kept } = incoming.headers;
        done({ status: incoming.statusCode ?? 502, headers: kept, body: Buffer.concat(chunks) });
      });
    });
    onward.on('error', (error: NodeJS.ErrnoException) => {
      done(error.code === 'ECONNREFUSED' ? { status: 503, headers: {}, body: Buffer.alloc(0) } : undefined);
    });
    onward.end(text);
  });
}

async function control(rules: FaultRules, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const id = url.pathname.slice(CONTROL.length + 1);
  if (request.method === 'POST') return sendJson(response, 201, { id: rules.add(JSON.parse(await readText(request)) as FaultRule) });
  if (request.method === 'DELETE') {
    if (id === 'counters') rules.resetCounters();
    else rules.remove(id);
    return sendJson(response, 200, {});
  }
  if (id !== 'wait') return sendJson(response, 200, rules.report());
  const rule = await rules.wait(url.searchParams.get('rule') ?? '', Number(url.searchParams.get('ms') ?? 30_000));
  sendJson(response, rule === undefined ? 408 : 200, rule ?? { title: 'the rule was not hit in this time' });
}
