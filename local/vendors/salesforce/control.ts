import type { IncomingMessage, ServerResponse } from 'node:http';
import { readText, sendJson } from '../http.ts';
import type { Row } from './schema.ts';
import type { Records, Store } from './store.ts';

/** The resources of the REST API that are counted and can be told to fail. */
export type Resource = 'token' | 'query' | 'page' | 'sobject' | 'update';

/** How the next answers of a resource are wrong. */
export interface Fault {
  readonly on: Resource | 'any';
  /** Only calls whose path has this text, such as a record's id. */
  readonly match?: string;
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
  /** Does after the delay what is asked, and closes the connection without an answer. */
  readonly lose?: boolean;
}

const NONE = { token: 0, query: 0, page: 0, sobject: 0, update: 0, faults: 0 };

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
  call(resource: Resource, path: string): Fault | undefined {
    this.counters[resource]++;
    const planned = this.#faults.find(
      ({ fault, left }) => left > 0 && (fault.on === resource || fault.on === 'any') && path.includes(fault.match ?? ''),
    );
    if (planned === undefined) return undefined;
    planned.left--;
    this.counters.faults++;
    return planned.fault;
  }

  /** Does what a test asks for: one line per request below `/__control/`, each answered with the counters, or with the record asked for. */
  async handle(request: IncomingMessage, response: ServerResponse, path: readonly string[]): Promise<void> {
    const [topic, object = '', id = ''] = path;
    const text = await readText(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const actions: Readonly<Record<string, () => unknown>> = {
      'PUT faults': () => this.#plan(body as Fault[]),
      'DELETE faults': () => this.#plan([]),
      'DELETE tokens': () => void ++this.generation,
      'GET counters': () => undefined,
      'DELETE counters': () => void Object.assign(this.counters, NONE),
      'GET records': () => this.#store.record(object, id),
      'PUT records': () => this.#store.put(body as Records),
      'PATCH records': () => this.#store.patch(object, id, body as Partial<Row>),
      'DELETE records': () => this.#store.remove(object, id),
    };
    const action = actions[`${request.method} ${topic}`];
    if (action === undefined) return sendJson(response, 404, { error: 'no such control' });
    const record = action();
    sendJson(response, 200, record === undefined ? this.counters : record);
  }

  #plan(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? 1 }));
  }
}
