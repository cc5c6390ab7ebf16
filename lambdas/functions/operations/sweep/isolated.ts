/** Work of which one failure holds up nothing else. */
export interface Isolation {
  /** @returns undefined: it failed */
  attempt<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined>;
  /** @param what failed @throws {AggregateError} of all that failed */
  end(what?: string): void;
}

export function isolation(): Isolation {
  const failures: unknown[] = [];
  let tried = 0;
  return {
    attempt: (work) => {
      tried += 1;
      return work().catch((failure: unknown) => void failures.push(failure));
    },
    end: (what = 'failed') => {
      const [first] = failures as Error[];
      if (first) throw new AggregateError(failures, `${failures.length} of ${tried} ${what}, the first: ${first.message}`);
    },
  };
}

/** The same for each, one after the other. @throws {AggregateError} of all that failed, when the others are done */
export async function isolated<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const { attempt, end } = isolation();
  for (const item of items) await attempt(() => work(item));
  end();
}
