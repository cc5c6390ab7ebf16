/** How a call goes wrong. */
export interface FaultRule {
  readonly match: {
    /** `model.sale.sale.create`, `POST /orders`, or of the cloud `DynamoDB.PutItem`; every method when left out. */
    readonly method?: string;
    /** Text in the body, such as an order key, so that tests that run at once do not meet each other's faults; of several, each. */
    readonly contains?: string | readonly string[];
    /** Only calls that change something in the ERP. */
    readonly writes?: true;
  };
  /**
   * delay: waits before it forwards, whether the client stays or not; hold-request: waits, and forwards only if the client has stayed;
   * drop-answer: forwards, and closes the connection when the ERP has done it; hold-answer: forwards, and keeps the ERP's answer to
   * itself for a while when it has done it (a call that it refuses is not one of theirs); other-answer: forwards, and answers with the
   * status in the ERP's place; reset: breaks the connection, nothing is forwarded; status: answers so, nothing is forwarded. What waits
   * goes on at once when its rule is removed.
   */
  readonly action: 'delay' | 'drop-answer' | 'hold-answer' | 'hold-request' | 'other-answer' | 'reset' | 'status';
  /** For status and other-answer; 503 unless said. */
  readonly status?: number;
  /** For delay, hold-answer and hold-request; 1000 unless said. */
  readonly ms?: number;
  /** How many calls; 1 unless said. */
  readonly times?: number | 'every';
  /** Of the calls that match only this share (0 to 1), chosen by a seeded generator: the same seed chooses the same ordinals again. */
  readonly share?: { readonly of: number; readonly seed: number };
}

export interface PlannedRule extends FaultRule {
  readonly id: string;
  /** Calls that met the rule to its end. */
  hits: number;
  /** ISO 8601. */
  lastHitAt?: string;
  /** TCP port from which the call came that was hit last: it tells which process made it. */
  clientPort?: number;
}

export interface FaultReport {
  readonly rules: readonly PlannedRule[];
  readonly requests: Readonly<Record<string, number>>;
  /** Writes in flight: now, and at most since the counters were reset. */
  readonly writes: { readonly now: number; readonly max: number };
}

/** The control interface of a fault proxy, for tests and campaigns. */
export function createFaults(proxy: string) {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${proxy}/__faults${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`fault proxy: ${method} ${path} answered ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    /** @returns the id of the rule */
    plan: async (rule: FaultRule): Promise<string> => (await call<{ id: string }>('POST', '', rule)).id,
    /** Answers when the rule was hit. @throws Error when it was not within `ms` */
    hit: (id: string, ms = 30_000): Promise<PlannedRule> => call('GET', `/wait?rule=${id}&ms=${ms}`),
    remove: (id: string): Promise<unknown> => call('DELETE', `/${id}`),
    removeAll: (): Promise<unknown> => call('DELETE', ''),
    report: (): Promise<FaultReport> => call('GET', ''),
    resetCounters: (): Promise<unknown> => call('DELETE', '/counters'),
  };
}
