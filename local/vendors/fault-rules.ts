import { EventEmitter, once } from 'node:events';
import type { FaultReport, FaultRule, PlannedRule } from './faults.ts';

/** Methods that change something: buttons and record methods of Tryton's JSON-RPC, everything but GET and logins in REST. */
const isWrite = (method: string): boolean =>
  /\.(create|write|delete|quote|confirm|process|cancel|draft)$/.test(method) || /^(POST|PUT|PATCH|DELETE) \/orders/.test(method);

/** The rules and counters of one fault proxy. */
export class FaultRules {
  readonly #hits = new EventEmitter<{ hit: [PlannedRule] }>().setMaxListeners(0);
  #rules: { rule: PlannedRule; left: number }[] = [];
  #requests: Record<string, number> = {};
  #writes = { now: 0, max: 0 };
  #nextId = 1;

  add(rule: FaultRule): string {
    const planned: PlannedRule = { ...rule, id: String(this.#nextId++), hits: 0 };
    this.#rules.push({ rule: planned, left: rule.times ?? 1 });
    return planned.id;
  }

  /** One rule, or all when `id` is empty. */
  remove(id: string): void {
    this.#rules = id === '' ? [] : this.#rules.filter(({ rule }) => rule.id !== id);
  }

  /** Takes the first rule for this call that is not used up. */
  find(method: string, body: string): PlannedRule | undefined {
    const fits = ({ match }: FaultRule) => (match.method ?? method) === method && body.includes(match.contains ?? '');
    const found = this.#rules.find(({ rule, left }) => left > 0 && fits(rule));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.rule;
  }

  hit(rule: PlannedRule, clientPort: number | undefined): void {
    rule.hits += 1;
    if (clientPort !== undefined) rule.clientPort = clientPort;
    rule.lastHitAt = new Date().toISOString();
    this.#hits.emit('hit', rule);
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
