import { PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Head, hasNews } from '../../lambdas/domain/head.ts';
import { decideCancel, decideIntent, decideOutcome, decideRaise, decideSettleErp, decideWake } from '../../lambdas/domain/protocol/index.ts';
import { hashOfFact, itemsOf } from '../../lambdas/ledger/append.ts';
import { createLedger, type Ledger } from '../../lambdas/ledger/ledger.ts';
import { createSlots, leaseOf } from '../../lambdas/ledger/slots.ts';
import { memoryTable } from '../unit/table-fixtures.ts';
import { acceptance, type Client, create, draft, factsOf, interrupted, standing, tables } from './fixtures.ts';

/**
 * What the exploration takes for granted: each write is one atomic transition, on a real table. The table in memory that the random
 * histories work on has to be the same in this.
 */
describe.each([
  { name: 'DynamoDB of a local cloud', make: tables },
  { name: 'the table in memory', make: async () => ({ client: memoryTable().client as Client, ledger: 'ledger', runtime: 'runtime' }) },
])('$name', ({ make }) => {
  let client: Client;
  let table: string;
  let runtime: string;
  let ledger: Ledger;
  beforeAll(async () => {
    ({ client, ledger: table, runtime } = await make());
    ledger = createLedger({ client, table });
  });

  let counter = 0;
  const times = { runLimit: 600, deathBackoff: 60, lookAgain: 60 };

  /** A new order whose first run is active. */
  async function running(): Promise<Head> {
    const { head } = await ledger.accept(acceptance(`running-${counter++}`));
    return (await ledger.change(head.orderKey, (now, at) => decideRaise(now, 0, 'policy', at, times))).head;
  }

  const read = async (orderKey: string): Promise<Head> => (await ledger.read(orderKey)) as Head;

  describe('compare-and-set on HEAD', () => {
    it('a decision on a stale HEAD is refused and made again on the new one', async () => {
      const { orderKey } = await running();
      const late = interrupted(client, table, () => ledger.change(orderKey, (head, now) => decideCancel(head, 'alice', now)));
      const versions: number[] = [];
      const { head } = await late.change(orderKey, (now) => {
        versions.push(now.version);
        return { next: { ...now, generation: 7 }, answer: null };
      });
      expect(versions).toHaveLength(2);
      expect(head.stops.cancel?.by).toBe('alice');
      expect(await read(orderKey)).toMatchObject({ generation: 7, version: (versions[1] ?? 0) + 1, stops: { cancel: { by: 'alice' } } });
    });

    it('an intent that was allowed when it was read is refused after a cancel', async () => {
      const { orderKey } = await running();
      const late = interrupted(client, table, () => ledger.change(orderKey, (head, now) => decideCancel(head, 'alice', now)));
      expect((await late.change(orderKey, (head) => decideIntent(head, create('mine')))).answer).toBe('news');
      expect((await read(orderKey)).open).toBeUndefined();
    });

    it('of ten intents at once one wins', async () => {
      const { orderKey } = await running();
      const attempts = Array.from({ length: 10 }, (_, n) => `attempt-${n}`);
      const answers = await Promise.all(attempts.map(async (a) => (await ledger.change(orderKey, (head) => decideIntent(head, create(a)))).answer));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'slot open')).toHaveLength(9);
      expect((await read(orderKey)).open?.attempt).toBe(attempts[answers.indexOf('written')]);
    });

    it('my own attempt in the slot means that my first write won, though its answer was lost', async () => {
      const { orderKey } = await running();
      const twice = {
        send: async (command: Parameters<Client['send']>[0]) => {
          if (command instanceof PutCommand) await client.send(command); // the SDK sends again what was written already
          return client.send(command);
        },
      };
      const repeating = createLedger({ client: twice as unknown as Client, table });
      const { answer, head } = await repeating.change(orderKey, (now) => decideIntent(now, create('mine')));
      expect(answer).toBe('written');
      expect(head.open?.attempt).toBe('mine');
      expect((await read(orderKey)).version).toBe(head.version);
    });

    it('thirty writers at once lose none of their writes', async () => {
      const { orderKey, version } = await running();
      const once = () => ledger.change(orderKey, (head) => ({ next: { ...head, generation: head.generation + 1 }, answer: null }));
      for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 6 }, once));
      expect(await read(orderKey)).toMatchObject({ generation: 30, version: version + 30 });
    });

    it('news that arrives while a run is active stays due', async () => {
      const { orderKey } = await running();
      const { head } = await ledger.change(orderKey, decideWake);
      expect(hasNews(head)).toBe(true);
      expect(await read(orderKey)).toEqual(head);
    });
  });

  describe('accepting is one transaction', () => {
    it('raises QUOTE, opens my HEAD and marks the predecessor, each with its fact', async () => {
      const [one, two] = [acceptance('two', 1), acceptance('two', 2)];
      await ledger.accept(one);
      expect(await ledger.accept(two)).toMatchObject({ answer: 'accepted', predecessor: one.orderKey, head: { predecessor: one.orderKey } });
      expect((await ledger.readQuote('acme', 'salesforce', 'two')).highest).toEqual({ revision: 2, orderKey: two.orderKey });
      const marked = await read(one.orderKey);
      expect(marked).toMatchObject({ state: 'accepted', supersededBy: two.orderKey, stops: { superseded: { by: two.orderKey } } });
      expect(marked.dueAt).toBe(two.now);
      const typesOf = async (key: string) => (await factsOf(ledger, key)).map((fact) => fact.event.type);
      expect(await typesOf(one.orderKey)).toEqual(['order.accepted.v1', 'order.stop-requested.v1']);
      expect(await typesOf(two.orderKey)).toEqual(['order.accepted.v1']);
      expect(await ledger.lower(await read(two.orderKey))).toEqual([marked]);
    });

    it('a repeated event is no news: nothing is written', async () => {
      const once = acceptance('repeated');
      const { head } = await ledger.accept(once);
      expect((await ledger.accept({ ...once, now: new Date(Date.now() + 5000).toISOString() })).answer).toBe('duplicate');
      expect((await ledger.accept(acceptance('repeated', 1, 'other content'))).answer).toBe('conflict');
      expect(await read(once.orderKey)).toEqual(head);
      expect(await factsOf(ledger, once.orderKey)).toHaveLength(1);
    });

    it('the same revision ten times at once is one order', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, async () => (await ledger.accept(acceptance('ten'))).answer));
      expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(9);
    });

    it.each([0, 1, 2, 3, 4, 5])('two revisions at once end in one order of the highest (%i)', async (n) => {
      const id = `race-${n}`;
      const [one, two] = [acceptance(id, 1), acceptance(id, 2)];
      const order = n % 2 === 0 ? [one, two] : [two, one];
      await Promise.all(order.map((each) => ledger.accept(each)));
      expect((await ledger.readQuote('acme', 'salesforce', id)).highest?.revision).toBe(2);
      const [lower, higher] = [await read(one.orderKey), await read(two.orderKey)];
      expect(higher).toMatchObject({ state: 'accepted', stops: {} });
      expect(lower.stops.superseded).toBeDefined();
      // either it came first and was marked, or it came too late and was recorded as cancelled
      expect([higher.predecessor === one.orderKey, lower.state === 'cancelled']).toContain(true);
      expect(higher.predecessor === one.orderKey).toBe(lower.state !== 'cancelled');
    });
  });

  describe('effects and facts', () => {
    it('a done whose attempt has left the slot is a fact, news, and a look that is owed', async () => {
      const { orderKey } = await running();
      await ledger.change(orderKey, (head) => decideIntent(head, create('slow')));
      await ledger.change(orderKey, (head, now) => decideSettleErp(head, 'slow', [], now, [3600]));
      const late = await ledger.change(orderKey, (head, now) => decideOutcome(head, 'slow', { kind: 'done', done: draft('77') }, now));
      expect(late.answer).toBe('late');
      expect(late.head).toMatchObject({ state: 'accepted', generation: 1, everUnknown: true });
      expect(late.head.probes).toHaveLength(2);
      expect(hasNews(late.head)).toBe(true);
      expect((await factsOf(ledger, orderKey)).at(-1)?.event.type).toBe('order.effect-found.v1');
    });

    it('of an outcome and a lookup that settles the same slot one wins, and nothing is written twice', async () => {
      for (let n = 0; n < 6; n++) {
        const { orderKey } = await running();
        await ledger.change(orderKey, (head) => decideIntent(head, create('one')));
        const [outcome, settled] = await Promise.all([
          ledger.change(orderKey, (head, now) => decideOutcome(head, 'one', { kind: 'done', done: draft('5') }, now)),
          ledger.change(orderKey, (head, now) => decideSettleErp(head, 'one', [standing('5')], now, [3600])),
        ]);
        expect([`${outcome.answer} ${settled.answer}`]).toContain(settled.answer === 'settled' ? 'left settled' : 'written moved on');
        expect(await read(orderKey)).toMatchObject({ state: 'drafted', draft: { ref: '5' } });
        expect((await factsOf(ledger, orderKey)).filter((fact) => fact.event.type === 'order.drafted.v1')).toHaveLength(1);
      }
    });

    it('facts are numbered without a gap and chained by their hashes', async () => {
      const { orderKey } = await running();
      await ledger.change(orderKey, (head) => decideIntent(head, create('one')));
      await ledger.change(orderKey, (head, now) => decideOutcome(head, 'one', { kind: 'done', done: draft('5') }, now));
      await ledger.change(orderKey, (head, now) => decideCancel(head, 'alice', now));
      const facts = await factsOf(ledger, orderKey);
      expect(facts.map((fact) => fact.seq)).toEqual([1, 2, 3]);
      facts.forEach((fact, n) => {
        expect(fact.previousHash).toBe(facts[n - 1]?.hash ?? '');
        expect(fact.hash).toBe(hashOfFact(fact));
        expect(fact.event).toMatchObject({ id: `${orderKey}:${fact.seq}`, data: { sequence: fact.seq } });
      });
      expect(facts.at(-1)).toMatchObject({ actor: 'alice', hash: (await read(orderKey)).lastHash });
    });

    it('no fact is ever written over another, and HEAD does not move without its fact', async () => {
      const { orderKey } = await running();
      const head = await read(orderKey);
      const fact = { type: 'order.parked.v1', actor: 'mallory' } as const;
      const { puts } = itemsOf(table, { from: head, to: { ...head, seq: head.seq - 1 }, fact }, new Date().toISOString());
      await expect(client.send(new TransactWriteCommand({ TransactItems: puts }))).rejects.toMatchObject({
        CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
      });
      expect(await read(orderKey)).toEqual(head);
      expect((await factsOf(ledger, orderKey)).map((each) => each.actor)).toEqual(['system']);
    });

    it('the newest milestone wins, whatever the order of arrival', async () => {
      const stamp = (at: string) => ledger.milestone('acme', 'salesforce', 'milestones', 'approved', 1, at);
      const days = ['2026-01-03T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
      await Promise.all(days.map(stamp));
      expect((await ledger.readQuote('acme', 'salesforce', 'milestones')).milestones.approved?.at).toBe(days[0]);
    });
  });

  describe('admission slots', () => {
    const LEASE = 60;

    it('thirty acquires at once get the three slots there are', async () => {
      const slots = createSlots({ client, table: runtime });
      const taken = await Promise.all(Array.from({ length: 30 }, (_, n) => slots.acquire('thirty', leaseOf(`order-${n}`, 1), 3, LEASE)));
      expect(taken.filter((slot) => slot !== undefined).sort()).toEqual([0, 1, 2]);
      expect(await slots.held('thirty', 3)).toHaveLength(3);
    });

    it('never are more than maxInFlight held while thirty runs come and go', async () => {
      const slots = createSlots({ client, table: runtime });
      let [live, most, served] = [0, 0, 0];
      const run = async (n: number): Promise<void> => {
        const lease = leaseOf(`busy-${n}`, 1);
        const slot = await slots.acquire('busy', lease, 3, LEASE);
        if (slot === undefined) return run(n);
        live += 1;
        most = Math.max(most, live);
        served += 1;
        await slots.held('busy', 3);
        live -= 1;
        expect(await slots.free('busy', slot, lease)).toBe(true);
      };
      await Promise.all(Array.from({ length: 30 }, (_, n) => run(n)));
      expect(served).toBe(30);
      expect(most).toBeLessThanOrEqual(3);
      expect(await slots.held('busy', 3)).toEqual([]);
    });

    it('two starters of the same run get the same slot', async () => {
      const slots = createSlots({ client, table: runtime });
      const lease = leaseOf('same', 4);
      expect(await slots.acquire('same', leaseOf('other', 1), 3, LEASE)).toBe(0);
      expect(await slots.acquire('same', lease, 3, LEASE)).toBe(1);
      expect(await slots.acquire('same', lease, 3, LEASE)).toBe(1);
    });

    it('a slot is freed only by its own lease', async () => {
      const slots = createSlots({ client, table: runtime });
      const lease = leaseOf('mine', 1);
      await slots.acquire('own', lease, 1, LEASE);
      expect(await slots.free('own', 0, leaseOf('mine', 2))).toBe(false);
      expect(await slots.acquire('own', leaseOf('next', 1), 1, LEASE)).toBeUndefined();
      expect(await slots.free('own', 0, lease)).toBe(true);
      expect(await slots.free('own', 0, lease)).toBe(false);
    });

    it('an expired lease is taken over, and its late release does no harm', async () => {
      let now = new Date('2026-01-01T12:00:00Z');
      const slots = createSlots({ client, table: runtime, now: () => now });
      const [dead, next] = [leaseOf('dead', 1), leaseOf('next', 1)];
      await slots.acquire('expired', dead, 1, LEASE);
      now = new Date(now.getTime() + LEASE * 1000);
      expect(await slots.acquire('expired', next, 1, LEASE)).toBeUndefined();
      now = new Date(now.getTime() + 1000);
      expect(await slots.acquire('expired', next, 1, LEASE)).toBe(0);
      expect(await slots.free('expired', 0, dead)).toBe(false);
      expect((await slots.held('expired', 1)).map(({ lease }) => lease)).toEqual([next]);
    });
  });
});
