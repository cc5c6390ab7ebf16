import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import { type FactPointer, type ForwardDeps, forward, type StreamedFact } from '../../lambdas/functions/delivery/publish/forward.ts';
import { republish } from '../../lambdas/functions/delivery/publish/republish.ts';
import { accepted, KEY } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const facts: StreamedFact[] = Array.from({ length: 25 }, (_, n) => ({
  orderKey: KEY,
  seq: n + 1,
  event: { id: `${KEY}:${n + 1}` } as CloudEvent<unknown>,
}));
const between = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Forwards 25 facts over a bus that refuses the groups `failing` (counted from 0), with so much time left before each group. */
async function forwarded({ failing = [], left = [], retry }: { failing?: number[]; left?: number[]; retry?: ForwardDeps['retry'] } = {}) {
  const published: number[][] = [];
  const retried: FactPointer[] = [];
  let calls = 0;
  const publish: ForwardDeps['publish'] = async (events) => {
    if (failing.includes(calls++)) throw new Error('throttled');
    published.push(events.map(({ id }) => Number(id.split(':')[1])));
  };
  const deps = { publish, retry: retry ?? (async (pointer: FactPointer) => void retried.push(pointer)), left: () => left.shift() ?? 60_000 };
  await forward(deps, facts);
  return { published, retried };
}

describe('forwarding the facts of a stream', () => {
  it('goes out in groups of 10, in their order', async () => {
    expect(await forwarded()).toEqual({ published: [between(1, 10), between(11, 20), between(21, 25)], retried: [] });
  });

  it('a group that fails goes to the retry queue, all of it, and the next goes on', async () => {
    const { published, retried } = await forwarded({ failing: [1] });
    expect(published).toEqual([between(1, 10), between(21, 25)]);
    expect(retried).toEqual(between(11, 20).map((seq) => ({ orderKey: KEY, seq })));
  });

  it('what no time is left for goes to the retry queue', async () => {
    const { published, retried } = await forwarded({ left: [10_000, 9999, 0] });
    expect(published).toEqual([between(1, 10)]);
    expect(retried.map(({ seq }) => seq)).toEqual(between(11, 25));
  });

  it('throws only when the retry queue fails too', async () => {
    const retry = () => Promise.reject(new Error('no queue'));
    await expect(forwarded({ failing: [1], retry })).rejects.toThrow('no queue');
    await expect(forwarded({ retry })).resolves.toMatchObject({ retried: [] });
  });
});

describe('publishing a fact again', () => {
  async function republished(body: unknown) {
    const { ledger } = ledgerWith([accepted]);
    await ledger.change(KEY, (head) => ({ next: head, fact: { type: 'order.parked.v1', actor: 'system' }, answer: null }));
    const published: CloudEvent<unknown>[] = [];
    await republish({ ledger, publish: async (events) => void published.push(...events) }, body);
    return published;
  }

  it('publishes what the ledger holds, with the id it always had', async () => {
    expect(await republished({ orderKey: KEY, seq: 2 })).toMatchObject([{ id: `${KEY}:2`, type: 'order.parked.v1', data: { sequence: 2 } }]);
  });

  it.each([
    ['a fact that nobody knows', { orderKey: KEY, seq: 3 }, 'has no fact 3'],
    ['a message that points to nothing', { orderKey: KEY }, 'seq'],
  ])('%s is an error: its message goes to the dead letters', async (_name, body, message) => {
    await expect(republished(body)).rejects.toThrow(message);
  });
});
