import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type ListenOptions, type LocalServer, listen, readText, sendJson } from '../http.ts';
import { type OrderDocument, Refused, Store } from './store.ts';

export interface ErpSimulatorOptions extends ListenOptions {
  readonly username?: string;
  readonly password?: string;
  /** Milliseconds before each answer. */
  readonly latencyMs?: number;
  readonly tokenLifetimeMs?: number;
  /** false: it takes a second order under an external id, as many ERPs do. */
  readonly uniqueKeys?: boolean;
}

interface Call {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/**
 * A small ERP over REST whose external ids are unique, or not: customers, products, carriers, orders with the shipment and the invoice
 * that follow them. Sessions are tokens that expire; refusals are problem details; a request is not begun after the time that it gives
 * itself in `request-expires` (milliseconds since 1970). `/__control`: GET counters; PATCH customers|products|orders|followers/<code>
 * {fields}; DELETE tokens.
 */
export async function start(options: ErpSimulatorOptions = {}): Promise<LocalServer> {
  const erp = new ErpSimulator(options);
  return listen((request, response) => erp.handle(request, response), options);
}

class ErpSimulator {
  readonly #options: ErpSimulatorOptions;
  readonly #store: Store;
  readonly #tokens = new Map<string, number>();
  readonly #requests: Record<string, number> = {};

  constructor(options: ErpSimulatorOptions) {
    this.#options = options;
    this.#store = new Store(options.uniqueKeys ?? true);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const text = await readText(request);
    const path = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
    const call = { method: request.method ?? 'GET', path, query: url.searchParams, body: text === '' ? undefined : JSON.parse(text) };
    try {
      if (path[0] === '__control') return sendJson(response, 200, this.#control(call));
      this.#count(call);
      await pause(this.#options.latencyMs ?? 0);
      if (path[0] === 'sessions') return sendJson(response, 201, this.#login(call.body));
      this.#authorize(request.headers.authorization);
      if (Number(request.headers['request-expires'] ?? Number.POSITIVE_INFINITY) < Date.now())
        throw new Refused(503, 'The request came too late', 'nothing was done');
      const created = call.method === 'POST' && path.length === 1;
      sendJson(response, created ? 201 : 200, this.#answer(call));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const problem = { title: error.title, status: error.status, detail: error.message };
      sendJson(response, error.status, problem, { 'content-type': 'application/problem+json' });
    }
  }

  #login(body: unknown): { token: string } {
    const { username = 'quotebridge', password = 'local-secret', tokenLifetimeMs = 3_600_000 } = this.#options;
    const given = (body ?? {}) as { username?: string; password?: string };
    if (given.username !== username || given.password !== password) throw new Refused(403, 'The login is refused', 'user or password is wrong');
    const token = randomUUID();
    this.#tokens.set(token, Date.now() + tokenLifetimeMs);
    return { token };
  }

  #authorize(header: string | undefined): void {
    const expires = this.#tokens.get(header?.replace(/^Bearer /, '') ?? '') ?? 0;
    if (expires <= Date.now()) throw new Refused(401, 'The session has ended', 'log in again');
  }

  #answer({ method, path, query, body }: Call): unknown {
    const [resource, id = '', action] = path;
    const store = this.#store;
    switch (`${method} ${resource}${id && '/id'}${action ? `/${action}` : ''}`) {
      case 'GET customers/id':
        return store.customer(id);
      case 'GET carriers/id':
        return store.carrier(id);
      case 'GET products':
        store.customer(query.get('customer') ?? '');
        return { items: store.prices((query.get('codes') ?? '').split(','), query.get('currency') ?? '') };
      case 'GET orders':
        return { items: this.#search(query) };
      case 'GET orders/id':
        return store.order(id);
      case 'POST orders':
        return store.create(body as OrderDocument);
      case 'POST orders/id/confirmation':
        return store.confirm(id);
      case 'POST orders/id/cancellation':
        return store.cancel(id);
      default:
        throw new Refused(404, 'There is no such resource', `${method} /${path.join('/')}`);
    }
  }

  #search(query: URLSearchParams) {
    const exact = query.get('externalId');
    const prefix = query.get('externalIdPrefix') ?? '';
    return this.#store.orders.filter(({ document: { externalId } }) => (exact === null ? externalId.startsWith(prefix) : externalId === exact));
  }

  #count({ method, path }: Call): void {
    const key = `${method} /${[path[0], ...(path[1] ? ['id'] : []), ...path.slice(2)].join('/')}`;
    this.#requests[key] = (this.#requests[key] ?? 0) + 1;
  }

  #control({ method, path, body }: Call): unknown {
    const [, topic = '', code] = path;
    if (method === 'PATCH' && code !== undefined) this.#store.change(topic, code, body as object);
    else if (method === 'DELETE' && topic === 'tokens') this.#tokens.clear();
    else if (method !== 'GET') throw new Refused(404, 'There is no such control', path.join('/'));
    return { requests: this.#requests, orders: this.#store.orders.length };
  }
}
