import { describe, expect, it } from 'vitest';
import type { Context } from '../../cli/context.ts';
import { replayable } from '../../cli/dlq.ts';
import { tenantIn } from '../../cli/find.ts';
import { follow, nextStep } from '../../cli/replay-function.ts';
import { countsText, outcomesText, verdictsText, wentWell, worstFirst } from '../../cli/replays-text.ts';
import type { StageConfig } from '../../config/schema.ts';
import type { Outcome, OutcomeKind } from '../../lambdas/domain/replay.ts';
import { replayWorld } from './replay-fixtures.ts';

describe('whether a replay went well', () => {
  it.each([
    ['done', { sent: 3 }, true],
    ['done', { 'looked at': 3, 'not chosen': 2 }, true],
    ['done', { sent: 3, 'failed again': 1 }, false],
    ['done', { refused: 15 }, false],
    ['done', { sent: 3, 'not sent': 1 }, false],
    ['stopped', { sent: 3 }, false],
    ['failed', {}, false],
  ] as const)('%s with %o', (status, counts, well) => {
    expect(wentWell({ status, counts })).toBe(well);
  });

  it('done, but not all was handled', () => {
    expect(wentWell({ status: 'done', counts: { sent: 3 }, unhandled: 2 })).toBe(false);
  });
});

describe('the next step after a refusal', () => {
  it.each([
    [{ queue: 'run-dlq' }, 'replay 20260101T120000-AAAA of run-dlq is queued', /^replays show 20260101T120000-AAAA /],
    [{ queue: 'run-dlq' }, 'there is no dead-letter queue run-dlq', /^dlq list /],
    [{ resume: '20260101T120000-AAAA' }, 'there is no replay 20260101T120000-AAAA', /^replays list /],
    [{ republish: { orderKey: '0123456789ABCDEFGHJK' } }, 'no order 0123456789ABCDEFGHJK in the ledger', /^orders list /],
    [{ republish: { since: '1950-01-01T00:00:00Z' } }, 'there are no facts before', /^events republish --help /],
  ])('of %o: %s', (request, message, next) => {
    expect(nextStep(request, message)).toMatch(next);
  });

  it('of a queue that says only what was not streamed is to publish the facts', () => {
    const context = { config: { stage: 'local', policy: { subscribers: {} } } } as unknown as Context;
    expect(() => replayable(context, 'publish-stream-dlq')).toThrow(
      expect.objectContaining({ name: 'Refused', cure: expect.stringMatching(/^npx quotebridge events republish --since/) }),
    );
    expect(replayable(context, 'run')).toMatchObject({ name: 'run-dlq' });
  });

  it('with a tenant that is not there is one of those that are', () => {
    const context = { config: { stage: 'local', policy: { tenants: { acme: {}, other: {} } } }, defaults: {} } as unknown as Context;
    expect(() => tenantIn(context, 'nobody')).toThrow('Stage local has no tenant "nobody"; it has acme, other.');
  });
});

describe('waiting for a replay', () => {
  const config = { stage: 'local' } as StageConfig;

  it('says how far it is while it waits', async () => {
    const world = replayWorld();
    world.queues.send('cause-dlq', JSON.stringify({ cause: 'acme#erp#product#P1' }));
    const id = await world.begin({ queue: 'cause-dlq' });
    const said: string[] = [];
    const waits = follow({ ledger: world.ledger, config, say: (line) => void said.push(line) }, id);
    await world.workOff();
    expect(await waits).toMatchObject({ status: 'done' });
    expect(said[0]).toBe('queued: none yet');
  });

  it('may be interrupted: the replay goes on, and how to find it is said', async () => {
    const world = replayWorld();
    const id = await world.begin({ queue: 'cause-dlq' });
    const waits = follow({ ledger: world.ledger, config, say: () => void process.emit('SIGINT') }, id);
    await expect(waits).rejects.toMatchObject({
      name: 'Refused',
      message: `Replay ${id} goes on without you.`,
      cure: `npx quotebridge replays show ${id}    shows how far it is`,
    });
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});

describe('what came of a replay', () => {
  it('is none when it has ended, none yet before', () => {
    expect(countsText({ counts: {}, status: 'done' })).toBe('none');
    expect(verdictsText({ verdicts: {}, status: 'failed' })).toBe('none');
    expect(countsText({ counts: {}, status: 'running' })).toBe('none yet');
  });

  it('of a republication counts orders', () => {
    expect(countsText({ counts: { sent: 60 }, republish: { since: '2026-01-01T00:00:00Z' }, status: 'done' })).toBe('60 orders sent');
  });

  it('shows first what somebody has to look at', () => {
    const one = (id: number, outcome: OutcomeKind, more: Partial<Outcome> = {}): Outcome => ({ id: `m${id}`, outcome, at: '', ...more });
    const sent = Array.from({ length: 60 }, (_, n) => one(n, 'sent', { verdict: 'would run' }));
    const text = outcomesText(worstFirst([...sent, one(100, 'not sent'), one(101, 'refused'), one(102, 'failed again')]));
    expect(
      text
        .split('\n')
        .slice(1, 4)
        .map((line) => line.slice(0, 4)),
    ).toEqual(['m102', 'm101', 'm100']);
    const dry = [one(1, 'looked at', { verdict: 'already done' }), one(2, 'looked at', { verdict: 'would be refused' })];
    expect(worstFirst(dry).map(({ id }) => id)).toEqual(['m2', 'm1']);
  });
});
