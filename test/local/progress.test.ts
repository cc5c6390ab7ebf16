import { expect, test, vi } from 'vitest';
import { Estimate, type Phase, Progress } from '../../local/progress.ts';

/** Runs one phase against a clock that the test moves, and returns what was written. */
async function written(isTTY: boolean, work: (phase: Phase, pass: (ms: number) => void) => void): Promise<string> {
  vi.useFakeTimers({ now: 0 });
  try {
    let text = '';
    const progress = new Progress(2, { isTTY, write: (part) => (text += part) });
    const pass = (ms: number) => void vi.advanceTimersByTime(ms);
    await progress.phase('Deploying', { usually: 'about 10 s' }, async (phase) => work(phase, pass)).catch(() => undefined);
    return text;
  } finally {
    vi.useRealTimers();
  }
}

test('without a terminal a line comes every 5 s, and nothing is rewritten', async () => {
  const text = await written(false, (phase, pass) => {
    phase.detail('first stack');
    pass(11_000);
  });
  expect(text).toBe('[1/2] Deploying (about 10 s)\n      5 s, first stack\n      10 s, first stack\n      done in 11 s\n');
});

test('on a terminal one line is rewritten, and only the last stand of it ends with a new line', async () => {
  const text = await written(true, (phase, pass) => {
    phase.detail('first stack');
    pass(400);
  });
  expect(text.match(/\n/g)).toHaveLength(1);
  expect(text).toContain('\r\x1b[K[1/2] Deploying: 0 s, first stack');
  expect(text.endsWith('\r\x1b[K[1/2] Deploying: done in 0 s\n')).toBe(true);
});

test('a counted phase says how far it is and how long it still takes', async () => {
  const text = await written(false, (phase, pass) => {
    phase.count(0, 60, 'orders');
    pass(10_000);
    phase.count(20, 60, 'orders');
    pass(5_000);
  });
  expect(text).toContain('15 s, 20 of 60 orders, about 20 s left');
});

test('a phase that fails says after how long', async () => {
  const text = await written(false, (_, pass) => {
    pass(62_000);
    throw new Error('broken');
  });
  expect(text).toContain('failed after 1 min 02 s');
});

test('the time left comes from the last minute, so a slow start does not spoil it', () => {
  const estimate = new Estimate();
  expect(estimate.left(0, 100, 0)).toBeUndefined();
  for (const second of [10, 20, 30, 40, 50, 60]) estimate.left(1, 100, second * 1000);
  for (let second = 70; second <= 130; second += 10) estimate.left(1 + (second - 60), 171, second * 1000);
  expect(estimate.left(81, 171, 140_000)).toBeCloseTo(90_000, -3);
});
