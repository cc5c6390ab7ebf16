import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import * as z from 'zod';
import { type ListenOptions, type LocalServer, listen, readText, sendJson } from './http.ts';

export interface ReceiversOptions extends ListenOptions {
  /** Name of the receiver -> the secret with which its events are signed (`whsec_…`, Standard Webhooks). */
  readonly secrets: Readonly<Record<string, string>>;
  /** JSON lines of the applied events; read at the start, so that receivers remember over a restart. */
  readonly file?: string;
}

/** What a receiver counts: every delivery is exactly one of the last five. */
interface Counters {
  received: number;
  applied: number;
  /** Not newer than what was applied: a repetition, or overtaken by a newer one. */
  ignored: number;
  /** Bad signature, or told to refuse it. */
  refused: number;
  /** Signed, but neither an order event nor a digest. */
  malformed: number;
  /** Turned away while down. */
  unavailable: number;
}

/** The part of an order event that a receiver needs; the rest of the snapshot is kept as it came. */
const orderEvent = z.object({ id: z.string(), type: z.string(), data: z.looseObject({ orderKey: z.string().min(1), sequence: z.int().min(1) }) });
type Snapshot = z.infer<typeof orderEvent>['data'];
/** What a group of people is asked; an id is one digest, however often it comes. */
const digestEvent = z.object({ id: z.string(), type: z.string().startsWith('task.'), data: z.looseObject({ owner: z.string() }) });
export type Digest = z.infer<typeof digestEvent>;

const order = z.union([z.object({ down: z.boolean() }), z.object({ refuse: z.string().min(1) }), z.object({ accept: z.string() })]);

/** What `GET /<name>/state` answers. */
export interface ReceiverState {
  readonly orders: Readonly<Record<string, Snapshot>>;
  readonly counters: Readonly<Counters>;
}

/** One answered delivery: `GET /<name>/deliveries` shows the last ones. */
export interface Received {
  readonly id: string;
  readonly status: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}
const REMEMBERED = 5000;

/**
 * Downstream systems that take signed webhooks, several in one server: `POST /<name>` takes an event, `GET /<name>/state` shows what
 * was made of them, `GET /<name>/digests` what people are told they are asked, `POST /__control/<name>` with `{"down": true}` makes one answer 503, with `{"refuse": TEXT}` 400 to every event that
 * contains the text, until `{"accept": TEXT}`. Each applies an event if its sequence is
 * newer than what it has for this order, so neither order nor repetition of deliveries matters.
 */
export async function start(options: ReceiversOptions): Promise<LocalServer> {
  const receivers = new Map(Object.entries(options.secrets).map(([name, secret]) => [name, new Receiver(name, secret, options.file)]));
  for (const [name, data] of remembered(options.file)) receivers.get(name)?.remember(data);
  return listen(async (request, response) => {
    const [first, second] = (request.url ?? '/').split('/').filter((part) => part !== '');
    const receiver = receivers.get((first === '__control' ? second : first) ?? '');
    if (receiver === undefined) return sendJson(response, 404, { error: 'no such receiver' });
    if (first === '__control') return receiver.control(request, response);
    if (second === 'state') return sendJson(response, 200, receiver.state);
    if (second === 'digests') return sendJson(response, 200, receiver.digests);
    if (second === 'deliveries') return sendJson(response, 200, receiver.deliveries);
    await receiver.take(request, response);
  }, options);
}

class Receiver {
  readonly #name: string;
  readonly #webhook: Webhook;
  readonly #file: string | undefined;
  readonly #orders = new Map<string, Snapshot>();
  readonly #digests = new Map<string, Digest>();
  readonly #counters: Counters = { received: 0, applied: 0, ignored: 0, refused: 0, malformed: 0, unavailable: 0 };
  readonly #refused = new Set<string>();
  #deliveries: Received[] = [];
  #down = false;

  constructor(name: string, secret: string, file: string | undefined) {
    this.#name = name;
    this.#webhook = new Webhook(secret);
    this.#file = file;
  }

  get state(): ReceiverState {
    return { orders: Object.fromEntries(this.#orders), counters: this.#counters };
  }

  get digests(): readonly Digest[] {
    return [...this.#digests.values()];
  }

  get deliveries(): readonly Received[] {
    return this.#deliveries;
  }

  remember(data: Snapshot): void {
    if (data.sequence > (this.#orders.get(data.orderKey)?.sequence ?? 0)) this.#orders.set(data.orderKey, data);
  }

  async control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const told = order.parse(JSON.parse(await readText(request)));
    if ('down' in told) this.#down = told.down;
    if ('refuse' in told) this.#refused.add(told.refuse);
    if ('accept' in told) this.#refused.delete(told.accept);
    sendJson(response, 200, { down: this.#down, refuses: [...this.#refused] });
  }

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request);
    this.#counters.received++;
    const { outcome, status } = this.#judge(body, request.headers);
    this.#counters[outcome]++;
    this.#deliveries.push({ id: String(request.headers['webhook-id'] ?? ''), status, at: Date.now() });
    if (this.#deliveries.length > 2 * REMEMBERED) this.#deliveries = this.#deliveries.slice(-REMEMBERED);
    if (status === 204) response.writeHead(204).end();
    else sendJson(response, status, { error: outcome });
  }

  #judge(body: string, headers: IncomingMessage['headers']): { outcome: Exclude<keyof Counters, 'received'>; status: number } {
    if (this.#down) return { outcome: 'unavailable', status: 503 };
    if (!this.#isSigned(body, headers)) return { outcome: 'refused', status: 401 };
    if ([...this.#refused].some((text) => body.includes(text))) return { outcome: 'refused', status: 400 };
    const digest = digestEvent.safeParse(parse(body)).data;
    if (digest) {
      const outcome = this.#digests.has(digest.id) ? 'ignored' : 'applied';
      this.#digests.set(digest.id, digest);
      return { outcome, status: 204 };
    }
    const parsed = orderEvent.safeParse(parse(body));
    if (!parsed.success) return { outcome: 'malformed', status: 400 };
    const { data } = parsed.data;
    if (data.sequence <= (this.#orders.get(data.orderKey)?.sequence ?? 0)) return { outcome: 'ignored', status: 204 };
    this.#orders.set(data.orderKey, data);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify({ receiver: this.#name, data })}\n`);
    return { outcome: 'applied', status: 204 };
  }

  #isSigned(body: string, headers: IncomingMessage['headers']): boolean {
    const signed = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name] ?? '')]);
    try {
      this.#webhook.verify(body, Object.fromEntries(signed), { jsonParse: false });
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return false;
      throw error;
    }
  }
}

/** undefined: not JSON. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function* remembered(file: string | undefined): Generator<[string, Snapshot]> {
  if (file === undefined || !existsSync(file)) return;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const { receiver, data } = JSON.parse(line) as { receiver: string; data: Snapshot };
    yield [receiver, data];
  }
}
