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

const NONE = { token: 0, query: 0, page: 0, sobject: 0, faults: 0 };

/** What a test may change while the simulator runs. */
export class Control {
  readonly #store: Store;
  readonly counters: Record<Resource | 'faults', number> = { ...NONE };
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

  /** Does what a test asks for: one line per request below `/__control/`, each answered with the counters. */
  async handle(request: IncomingMessage, response: ServerResponse, path: readonly string[]): Promise<void> {
    const [topic, object = '', id = ''] = path;
    const text = await readText(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const actions: Readonly<Record<string, () => unknown>> = {
      'PUT faults': () => this.#plan(body as Fault[]),
      'DELETE faults': () => this.#plan([]),
      'DELETE tokens': () => ++this.generation,
      'GET counters': () => undefined,
      'DELETE counters': () => Object.assign(this.counters, NONE),
      'PUT records': () => this.#store.put(body as Records),
      'PATCH records': () => this.#store.patch(object, id, body as Partial<Row>),
      'DELETE records': () => this.#store.remove(object, id),
    };
    const action = actions[`${request.method} ${topic}`];
    if (action === undefined) return sendJson(response, 404, { error: 'no such control' });
    action();
    sendJson(response, 200, this.counters);
  }

  #plan(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? 1 }));
  }
}
