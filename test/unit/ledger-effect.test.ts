import { describe, expect, it } from 'vitest';
import { RetrySoon, Stop } from '../../lambdas/domain/errors.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Done } from '../../lambdas/domain/protocol/index.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';
import { finish } from '../../lambdas/ledger/append.ts';
import { effect, RunOver } from '../../lambdas/ledger/effect.ts';
import { headItem, headOf } from '../../lambdas/ledger/keys.ts';
import { accepted, active, cancel, draft, inSeconds, memoryLedger, NOW, news, open, superseded } from './domain-fixtures.ts';

const request = { action: 'create-draft' as const, payloadHash: 'inputs', settleAt: inSeconds(60) };
const made: Done = { action: 'create-draft', draft };

/** One effect on an order that stands as `head`; `perform` sees what stands in the ledger while it is called. */
async function run(head: Head, perform: (now: Head) => Done | Promise<Done>) {
  const memory = memoryLedger(head);
  const seen: Head[] = [];
  const result = await effect(memory.ledger, head, 3, request, async () => {
    seen.push(memory.state.head);
    return perform(memory.state.head);
  }).then(
    (after) => ({ after, error: undefined }),
    (error: unknown) => ({ after: undefined, error }),
  );
  return { ...memory, ...result, seen };
}

const throwing = (error: Error) => () => Promise.reject(error);

describe('one effect at a vendor', () => {
  it('is written down before it is tried, and its outcome after', async () => {
    const { after, seen, facts, state } = await run(active, () => made);
    expect(seen.map((head) => head.open)).toEqual([{ ...request, attempt: expect.any(String), at: NOW }]);
    expect(after).toMatchObject({ state: 'drafted', draft });
    expect(after).toBe(state.head);
    expect(state.head.open).toBeUndefined();
    expect(facts).toEqual(['order.drafted.v1']);
  });

  it('every invocation has an attempt of its own', async () => {
    const [one, two] = await Promise.all([run(active, () => made), run(active, () => made)]);
    expect(one.seen[0]?.open?.attempt).not.toBe(two.seen[0]?.open?.attempt);
  });

  it.each([
    ['refused', 'ERP_REFUSED', Stop],
    ['not-sent', 'ERP_UNAVAILABLE', Stop],
    ['not-sent', 'ERP_BUSY', RetrySoon],
  ] as const)('%s with %s: the slot is empty again, and the step ends with the code', async (kind, code, name) => {
    const { error, state, facts } = await run(active, throwing(new VendorError(code, kind, 'no')));
    expect(error).toBeInstanceOf(name);
    expect(error).toMatchObject({ code, detail: 'no' });
    expect(state.head).toEqual({ ...active, version: 3 });
    expect(facts).toEqual([]);
  });

  it('unknown: the slot stays open', async () => {
    const { error, state } = await run(active, throwing(new VendorError('ERP_ANSWER_UNKNOWN', 'unknown', 'timeout')));
    expect(error).toMatchObject({ name: 'Stop', code: 'ERP_ANSWER_UNKNOWN' });
    expect(state.head.open?.action).toBe('create-draft');
  });

  it('what is no answer of a vendor leaves the slot open, and is thrown as it is', async () => {
    const bug = new TypeError('x is not a function');
    const { error, state } = await run(active, throwing(bug));
    expect(error).toBe(bug);
    expect(state.head.open?.action).toBe('create-draft');
  });

  it.each<[string, Head, unknown]>([
    ['the run is over', { ...active, run: { ...active.run, n: 4 } }, new RunOver('run 3 of 0123456789ABCDEFGHJK is over')],
    [
      'the slot is open',
      { ...active, open: open({ attempt: 'another' }) },
      new Stop('EFFECT_UNKNOWN', 'an effect of an earlier invocation is not settled'),
    ],
    ['a cancel came', news({ ...active, stops: cancel }), new Stop('NEWS_ARRIVED', 'before create-draft')],
    ['the state is another', { ...active, stops: superseded }, new Stop('NEWS_ARRIVED', 'create-draft is not allowed in this state')],
  ])('is not tried when %s', async (_name, head, expected) => {
    const { error, seen, state } = await run(head, () => made);
    expect(error).toEqual(expected);
    expect(error).toBeInstanceOf((expected as Error).constructor);
    expect([seen, state.head]).toEqual([[], head]);
  });

  it('a done that comes when the slot has moved on is not lost', async () => {
    const memory = memoryLedger(active);
    const after = await effect(memory.ledger, active, 3, request, async () => {
      const { open: _settled, ...free } = memory.state.head;
      memory.state.head = free;
      return made;
    });
    expect(after).toMatchObject({ state: 'accepted', everUnknown: true, probes: [NOW], dueAt: NOW });
    expect(memory.facts).toEqual(['order.effect-found.v1']);
  });
});

describe('a write to the ledger', () => {
  const fact = { type: 'order.parked.v1', actor: 'system' } as const;

  it('numbers the fact, chains it to the one before, and holds the finished event', () => {
    const { head, fact: written } = finish({ from: accepted, to: { ...accepted, state: 'drafted' }, fact }, NOW);
    expect(head).toMatchObject({ seq: 2, version: 2, lastHash: written?.hash });
    expect(written).toMatchObject({ seq: 2, previousHash: 'hash', actor: 'system' });
    expect(written?.event).toMatchObject({ id: `${accepted.orderKey}:2`, type: fact.type, time: NOW, data: { state: 'drafted', sequence: 2 } });
  });

  it('without a fact moves the version alone', () => {
    expect(finish({ from: accepted, to: accepted, fact: undefined }, NOW)).toEqual({ head: { ...accepted, version: 2 }, fact: undefined });
  });

  it('an event that its contract refuses is an exception before anything is written', () => {
    expect(() => finish({ from: accepted, to: { ...accepted, orderKey: 'not a key' }, fact }, NOW)).toThrow(/order key/);
  });

  it('HEAD reads back from its item as it was, and is in the indexes that its fields say', () => {
    const wait = { kind: 'person' as const, code: 'PRODUCT_UNMAPPED' as const, since: NOW, times: 1, cause: 'acme#erp#product#P', causeVersion: 1 };
    const head: Head = { ...accepted, wait, admissionSince: NOW };
    const item = headItem(head);
    expect(headOf(item)).toEqual(head);
    expect(item).toMatchObject({
      sweepShard: expect.stringMatching(/^S[0-3]$/),
      cause: wait.cause,
      admission: 'erp',
      causeSince: `${NOW}#${head.orderKey}`,
    });
    const resting = Object.keys(headItem({ ...accepted, dueAt: undefined, sweepAt: undefined }));
    for (const key of ['sweepShard', 'cause', 'causeSince', 'admission']) expect(resting).not.toContain(key);
  });
});
