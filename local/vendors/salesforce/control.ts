import type { IncomingMessage, ServerResponse } from 'node:http';
import { readText, sendJson } from '../http.ts';
import type { Row } from './schema.ts';
import type { Records, Store } from './store.ts';

/** The resources of the REST API that are counted and can be told to fail. */
export type Resource = 'token' | 'query' | 'page' | 'sobject';

/** How the next answers of a resource are wrong. */
export interface Fault {
  readonly on: Resource | 'any';
  /** How many answers; 1 unless said. */
  readonly times?: number;
  readonly status?: number;
  readonly errorCode?: string;
  readonly message?: string;
  /** A body of its own instead of Salesforce's error array, such as the HTML page of a proxy. */
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Waits before it answers. */
  readonly delayMs?: number;
  /** Closes the connection without an answer. */
  readonly drop?: boolean;
}

/** What a test may change while the simulator runs. */
export class Control {
  readonly #store: Store;
  readonly counters: Record<Resource | 'faults', number> = { token: 0, query: 0, page: 0, sobject: 0, faults: 0 };
  /** The stand of the access tokens: those issued before it are refused. */
  generation = 0;
  #faults: { fault: Fault; left: number }[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Counts a call and takes the fault that is planned for it, if any. */
  call(resource: Resource): Fault | undefined {
    this.counters[resource]++;
    const planned = this.#faults.find(({ fault, left }) => left > 0 && (fault.on === resource || fault.on === 'any'));
    if (planned === undefined) return undefined;
    planned.left--;
    this.counters.faults++;
    return planned.fault;
  }

  /**
   * `/__control/faults` PUT [Fault], DELETE; `/__control/tokens` DELETE revokes all; `/__control/counters` GET, DELETE;
   * `/__control/records` PUT {object: rows}; `/__control/records/<object>/<id>` PATCH {field: value}, DELETE.
   */
  async handle(request: IncomingMessage, response: ServerResponse, path: readonly string[]): Promise<void> {
    const [topic, object, id] = path;
    const method = request.method ?? 'GET';
    const text = await readText(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (topic === 'faults' && method === 'PUT') this.#faults = (body as Fault[]).map((fault) => ({ fault, left: fault.times ?? 1 }));
    else if (topic === 'faults' && method === 'DELETE') this.#faults = [];
    else if (topic === 'tokens' && method === 'DELETE') this.generation++;
    else if (topic === 'counters' && method === 'DELETE') Object.assign(this.counters, { token: 0, query: 0, page: 0, sobject: 0, faults: 0 });
    else if (topic === 'records' && object === undefined && method === 'PUT') this.#store.put(body as Records);
    else if (topic === 'records' && method === 'PATCH' && !this.#store.patch(object ?? '', id ?? '', body as Partial<Row>)) {
      return sendJson(response, 404, { error: 'no such record' });
    } else if (topic === 'records' && method === 'DELETE') this.#store.remove(object ?? '', id ?? '');
    else if (!(topic === 'counters' && method === 'GET') && !(topic === 'records' && method === 'PATCH')) {
      return sendJson(response, 404, { error: 'no such control' });
    }
    sendJson(response, 200, this.counters);
  }
}
