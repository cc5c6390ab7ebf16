import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../cli/program.ts';

/** A home in which no environment runs. */
const home = mkdtempSync(join(tmpdir(), 'cli-'));
beforeAll(() => {
  vi.stubEnv('QUOTEBRIDGE_HOME', home);
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

async function quotebridge(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const out = (text: string) => {
    stdout += text;
  };
  const err = (text: string) => {
    stderr += text;
  };
  return { code: await run(args, { out, err }), stdout, stderr };
}

describe('the command line', () => {
  test('shows its help on request, with the options that every command has', async () => {
    const { code, stdout } = await quotebridge('orders', 'list', '--help');
    expect(code).toBe(0);
    for (const option of ['--waiting', '--days', '--tenant', '--stage', '--json']) expect(stdout).toContain(option);
  });

  test.each([
    [['orders', 'nope'], 'unknown command'],
    [['orders', 'cancel', '0123456789ABCDEFGHJK'], '--reason'],
    [['orders', 'list', '--days', '0'], '1 to 366'],
    [['reference', 'set', 'colour', 'A', 'B'], 'customer, product, carrier'],
    [['replays', 'resume', 'nope', '--reason', 'x'], 'the id of a replay, such as'],
    [['orders', 'list', '--stage', 'nowhere'], 'config/nowhere.ts'],
    [['tasks', 'decide', 'cancel', '--reason', 'x'], 'Name a task, or say which'],
    [['tasks', 'decide', 'T1', 'cancel', '--reason', 'x', '--tenant', 'acme'], 'not both'],
    [['tasks', 'decide', 'T1', 'cancel', '--reason', 'x', '--overdue'], 'not both'],
    [['tasks', 'decide', 'approve', '--reason', 'x', '--tenant', 'acme', '--seen', 'abc123'], '--seen is the mark of one task'],
    [['tasks', 'decide', 'correct', '--reason', 'x', '--tenant', 'acme', '--target', 'P'], '--target belongs to one task'],
    [['tasks', 'decide', 'T1', 'cancel', '--reason', 'x', '--as', ''], '1 to 200 printable'],
    [['tasks', 'decide', 'T1', 'cancel', '--reason', ' '], 'say why'],
    [['tasks', 'decide', 'T1', 'cancel', '--reason', 'x\u001B[2Jy'], 'no other control characters'],
    [['orders', 'cancel', '0123456789ABCDEFGHJK', '--reason', 'x\ny'], 'no line breaks'],
    [['tasks', 'list', '--as', 'a\nb'], '1 to 200 printable'],
    [['tasks', 'assign', 'T1', ' ', '--reason', 'x'], '1 to 200 printable'],
    [['tasks', 'assign', 'T1', 'anna'], '--reason'],
    [['tasks', 'assign', 'T1', 'anna', '--reason', ' '], 'say why'],
    [['tasks', 'assign', 'T1', 'a'.repeat(201), '--reason', 'x'], '1 to 200 printable'],
    [['tasks', 'assign', 'T1', 'an\u202Ena', '--reason', 'x'], '1 to 200 printable'],
  ])('that is wrong ends with 2 and says why: %j', async (args, why) => {
    const { code, stdout, stderr } = await quotebridge(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(why);
  });

  test.each([
    [['orders', 'cancel', '0123456789ABCDEFGHJK', '--reason', `\u001B[2J${'x'.repeat(10_000)}`], 'at most 300 characters'],
    [['tasks', 'list', '--owner', 'y'.repeat(10_000)], 'Allowed choices are'],
  ])('that is endless is not shown as a whole, nor what steers the terminal', async (args, why) => {
    const { code, stderr } = await quotebridge(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
    expect(stderr.length).toBeLessThan(1000);
    expect(stderr).not.toContain('\u001B');
  });

  test.each([
    [['tasks', 'decide', 'T1', 'cancel', '--reason', 'x', '--as', 'Zoë d’Arc', '--yes']],
    [['tasks', 'decide', 'cancel', '--reason', 'x', '--tenant', 'acme', '--owner', 'finance']],
    [['tasks', 'assign', 'T1', 'a'.repeat(200), '--reason', 'x', '--as', 'anna']],
  ])('that is right goes on to its stage: %j', async (args) => {
    expect((await quotebridge(...args)).stderr).toContain('No local environment is running');
  });

  test('ends with 1 and the cure when nothing runs', async () => {
    const { code, stderr } = await quotebridge('orders', 'list', '--json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/No local environment is running[\s\S]*npm run up/);
  });

  test('goes to AWS and nowhere else for a stage on AWS', async () => {
    const { code, stderr } = await quotebridge('orders', 'list', '--stage', 'example');
    expect(code).toBe(1);
    expect(stderr).toContain('unset AWS_ENDPOINT_URL');
  });

  test('is run by the program that npx finds, with the exit code of the command', () => {
    const bin = join(import.meta.dirname, '../../bin/quotebridge.mjs');
    const { status, stderr } = spawnSync(bin, ['orders', 'list', '--days', 'all'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('1 to 366');
  });
});
