import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ListenOptions, type LocalServer, listen, readText, sendJson } from '../http.ts';
import { Control, type Fault, type Resource } from './control.ts';
import { Failure, notFound } from './failure.ts';
import { type Records, Store } from './store.ts';

export interface SalesforceOptions extends ListenOptions {
  /** Organisation id, 18 characters, as it stands in the source of its events. */
  readonly org: string;
  readonly records?: Records;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Records in one answer. Salesforce: 2,000, or 200 to 2,000 by `Sforce-Query-Options: batchSize`. Small values make short quotes page. */
  readonly pageSize?: number;
  /** Access tokens expire after this. Salesforce's answer does not say when: a session ends by the organisation's settings. */
  readonly tokenLifetimeMs?: number;
}

/** Credentials of the integration's connected app, unless others are given. They open nothing but this simulator. */
export const localClient = { clientId: 'quotebridge', clientSecret: 'local-secret' };

/** Versions that the simulator serves; any other is 404 NOT_FOUND, as at Salesforce. */
const VERSIONS = { oldest: 50, newest: 66 };

interface Session {
  readonly expires: number;
  readonly generation: number;
}

/**
 * A Salesforce organisation with CPQ, as far as an integration sees it over the REST API: OAuth 2.0 client credentials, SOQL queries
 * with paging, records by id that can be read and changed, and Salesforce's errors. Misbehaves on demand (control.ts).
 */
export async function start(options: SalesforceOptions): Promise<LocalServer> {
  const api = new Api(options);
  return listen((request, response) => api.handle(request, response), options);
}

class Api {
  readonly #options: SalesforceOptions;
  readonly #store: Store;
  readonly #control: Control;
  readonly #sessions = new Map<string, Session>();
  /** Query locator -> the rows of the answer. */
  readonly #cursors = new Map<string, readonly unknown[]>();

  constructor(options: SalesforceOptions) {
    this.#options = options;
    this.#store = new Store(options.records ?? {});
    this.#control = new Control(this.#store);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
    const path = url.pathname.split('/').filter((part) => part !== '');
    if (path[0] === '__control') return this.#control.handle(request, response, path.slice(1));
    const resource = resourceOf(path, request.method);
    try {
      if (resource === undefined) throw notFound();
      // Before the fault: a connection that is closed takes what was not read of the request with it.
      const body = resource === 'update' ? await readText(request) : '';
      const fault = this.#control.call(resource, url.pathname);
      if (await misbehave(fault, response)) return;
      if (resource === 'token') return await this.#token(request, response, url);
      this.#authorize(request);
      const answer = resource === 'update' ? this.#update(path, body, request) : { status: 200, body: this.#answer(resource, path, url, request) };
      if (fault?.lose) response.destroy();
      else if (answer.body === undefined) response.writeHead(answer.status).end();
      else sendJson(response, answer.status, answer.body);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      sendJson(response, error.status, error.body);
    }
  }

  async #token(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const form = new URLSearchParams(await readText(request));
    const { org, clientId, clientSecret, tokenLifetimeMs = 7_200_000 } = { ...localClient, ...this.#options };
    const refuse = (error: string, error_description: string): void => sendJson(response, 400, { error, error_description });
    if (request.method !== 'POST' || form.get('grant_type') !== 'client_credentials') {
      return refuse('unsupported_grant_type', 'grant type not supported');
    }
    if (form.get('client_id') !== clientId) return refuse('invalid_client_id', 'client identifier invalid');
    if (form.get('client_secret') !== clientSecret) return refuse('invalid_client', 'invalid client credentials');
    const token = `${org.slice(0, 15)}!${randomUUID().replaceAll('-', '')}`;
    this.#sessions.set(token, { expires: Date.now() + tokenLifetimeMs, generation: this.#control.generation });
    // By the name under which it was called: from a container this machine has another one than on the host.
    sendJson(response, 200, {
      access_token: token,
      signature: 'c2ltdWxhdGVk',
      scope: 'api',
      instance_url: url.origin,
      id: `${url.origin}/id/${org}/005Qb000000000AAAQ`,
      token_type: 'Bearer',
      issued_at: String(Date.now()),
    });
  }

  #authorize(request: IncomingMessage): void {
    const session = this.#sessions.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (session === undefined || session.generation !== this.#control.generation || session.expires <= Date.now()) {
      throw new Failure(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    }
  }

  /** 204, or 412 when the record was changed since; neither has a body. */
  #update(path: readonly string[], text: string, request: IncomingMessage): { status: number; body?: undefined } {
    checkVersion(path[2]);
    const since = request.headers['if-unmodified-since'];
    const unmodifiedSince = since === undefined ? undefined : new Date(since);
    if (Number.isNaN(unmodifiedSince?.getTime())) throw new Failure(400, 'INVALID_HEADER', 'If-Unmodified-Since is no date');
    return { status: this.#store.update(path[4] as string, path[5] as string, fieldsIn(text), unmodifiedSince) ? 204 : 412 };
  }

  #answer(resource: Resource, path: readonly string[], url: URL, request: IncomingMessage): unknown {
    const version = path[2] as string;
    checkVersion(version);
    if (resource === 'page') return this.#page(version, path[4] as string, request);
    if (resource === 'query') {
      const soql = url.searchParams.get('q');
      if (soql === null) throw new Failure(400, 'MALFORMED_QUERY', 'A query string has to be specified');
      const locator = `01g${randomUUID().replaceAll('-', '').slice(0, 15)}`;
      this.#cursors.set(locator, this.#store.query(soql, version));
      return this.#page(version, `${locator}-0`, request);
    }
    const fields = url.searchParams.get('fields')?.split(',');
    const record = this.#store.read(path[4] as string, path[5] as string, fields, version);
    if (record === undefined) throw notFound();
    return record;
  }

  /** `01g…-500` is the query locator: whose answer, and from which record on. */
  #page(version: string, name: string, request: IncomingMessage): unknown {
    const [locator, from] = name.split('-') as [string, string];
    const rows = this.#cursors.get(locator);
    if (rows === undefined) throw new Failure(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    const asked = /batchSize=(\d+)/.exec(String(request.headers['sforce-query-options'] ?? ''))?.[1];
    const size = this.#options.pageSize ?? Math.min(2000, Math.max(200, Number(asked ?? 2000)));
    const end = Number(from) + size;
    const done = end >= rows.length;
    if (done) this.#cursors.delete(locator);
    const rest = done ? {} : { nextRecordsUrl: `/services/data/${version}/query/${locator}-${end}` };
    return { totalSize: rows.length, done, ...rest, records: rows.slice(Number(from), end) };
  }
}

function checkVersion(version: string | undefined): void {
  const number = Number(/^v(\d+)\.0$/.exec(version ?? '')?.[1]);
  if (!(number >= VERSIONS.oldest && number <= VERSIONS.newest)) throw notFound();
}

function fieldsIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Failure(400, 'JSON_PARSER_ERROR', 'Unexpected character');
  }
}

function resourceOf(path: readonly string[], method: string | undefined): Resource | undefined {
  if (path.join('/') === 'services/oauth2/token') return 'token';
  if (path[0] !== 'services' || path[1] !== 'data') return undefined;
  if (path[3] === 'query') return path.length === 4 ? 'query' : 'page';
  if (path[3] !== 'sobjects' || path.length !== 6) return undefined;
  return method === 'PATCH' ? 'update' : 'sobject';
}

/** True when the fault is the whole answer. */
async function misbehave(fault: Fault | undefined, response: ServerResponse): Promise<boolean> {
  if (fault === undefined) return false;
  if (fault.delayMs !== undefined) await new Promise((done) => setTimeout(done, fault.delayMs));
  if (fault.drop) {
    response.destroy();
    return true;
  }
  if (fault.status === undefined) return false;
  const { status, errorCode = 'SERVER_UNAVAILABLE', message = 'told to fail', headers = {}, body } = fault;
  if (body === undefined) sendJson(response, status, [{ message, errorCode }], headers);
  else response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
  return true;
}
