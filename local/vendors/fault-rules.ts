import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { random } from '../northwind/random.ts';
import type { FaultReport, FaultRule, PlannedRule } from './faults.ts';

/** Methods that change something: buttons and record methods of Tryton's JSON-RPC, everything but GET and logins in REST. */
const isWrite = (method: string): boolean =>
  /\.(create|write|delete|quote|confirm|process|cancel|draft)$/.test(method) || /^(POST|PUT|PATCH|DELETE) \/orders/.test(method);

interface Planned {
  readonly rule: PlannedRule;
  left: number;
  /** The next number of the rule's generator, in [0, 1). */
  readonly next: () => number;
  readonly removed: AbortController;
}

const fits = ({ method, contains = [], writes }: FaultRule['match'], called: string, body: string): boolean =>
  (method ?? called) === called && [contains].flat().every((text) => body.includes(text)) && (!writes || isWrite(called));

/** The rules and counters of one fault proxy. */
export class FaultRules {
  readonly #hits = new EventEmitter<{ hit: [PlannedRule] }>().setMaxListeners(0);
  #rules: Planned[] = [];
  #requests: Record<string, number> = {};
  #writes = { now: 0, max: 0 };
  #nextId = 1;

  add(rule: FaultRule): string {
    const planned: PlannedRule = { ...rule, id: String(this.#nextId++), hits: 0 };
    const left = rule.times === 'every' ? Number.POSITIVE_INFINITY : (rule.times ?? 1);
    this.#rules.push({ rule: planned, left, next: random(rule.share?.seed ?? 0), removed: new AbortController() });
    return planned.id;
  }

  /** One rule, or all when `id` is empty; lets go of what they hold. */
  remove(id: string): void {
    const [kept, removed] = [this.#rules.filter(({ rule }) => id !== '' && rule.id !== id), this.#rules];
    for (const { removed: abort } of removed.filter((one) => !kept.includes(one))) abort.abort();
    this.#rules = kept;
  }

  /** Takes the first rule for this call that is not used up and that this call is drawn for. */
  find(method: string, body: string): PlannedRule | undefined {
    const found = this.#rules.find(
      ({ rule, left, next }) => left > 0 && fits(rule.match, method, body) && (rule.share === undefined || next() < rule.share.of),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.rule;
  }

  /** The call was not one of the rule's after all: the next one that matches is. */
  giveBack({ id }: PlannedRule): void {
    const found = this.#rules.find(({ rule }) => rule.id === id);
    if (found) found.left += 1;
  }

  hit(rule: PlannedRule, clientPort: number | undefined): void {
    rule.hits += 1;
    if (clientPort !== undefined) rule.clientPort = clientPort;
    rule.lastHitAt = new Date().toISOString();
    this.#hits.emit('hit', rule);
  }

  /** Waits as long as the rule says, or until it is removed, or `leave` is aborted. */
  async hold({ id, ms = 1000 }: PlannedRule, leave?: AbortSignal): Promise<void> {
    const removed = this.#rules.find(({ rule }) => rule.id === id)?.removed.signal ?? AbortSignal.abort();
    const signal = leave ? AbortSignal.any([removed, leave]) : removed;
    await pause(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** undefined when the rule was not hit within `ms`, or is unknown. */
  async wait(id: string, ms: number): Promise<PlannedRule | undefined> {
    const signal = AbortSignal.timeout(ms);
    const planned = this.#rules.find(({ rule }) => rule.id === id)?.rule;
    try {
      while (planned !== undefined && planned.hits === 0) await once(this.#hits, 'hit', { signal });
      return planned;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Counts a call that begins. @returns what to call when it ended */
  count(method: string): () => void {
    this.#requests[method] = (this.#requests[method] ?? 0) + 1;
    if (!isWrite(method)) return () => {};
    this.#writes.now += 1;
    this.#writes.max = Math.max(this.#writes.max, this.#writes.now);
    return () => {
      this.#writes.now -= 1;
    };
  }

  resetCounters(): void {
    this.#requests = {};
    this.#writes = { now: this.#writes.now, max: this.#writes.now };
  }

  report(): FaultReport {
    return { rules: this.#rules.map(({ rule }) => rule), requests: this.#requests, writes: this.#writes };
  }
}
