/**
 * The same for each, one after the other; one that fails holds up no other.
 * @throws {AggregateError} of all that failed, when the others are done
 */
export async function isolated<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) await work(item).catch((failure: unknown) => void failures.push(failure));
  const [first] = failures as Error[];
  if (first) throw new AggregateError(failures, `${failures.length} of ${items.length} failed, the first: ${first.message}`);
}
