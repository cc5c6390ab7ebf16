import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causeOf } from '../../contracts/reference.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import { findChromium } from '../../local/browser.ts';
import { logIn } from '../support/board.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { part } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { northwindQuote } from '../support/quotes.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1200, height: 900 };

/** Orders of a tenant of whose customer nobody has said which one it is: one question. */
async function heldUp(name: string, orders: number) {
  const tenant = createTenant(connectStage(), name, simulator);
  const keys: string[] = [];
  for (let n = 0; n < orders; n++) {
    const quote = northwindQuote(1);
    if (n === 0) await tenant.prepare(quote, 'ACC-VINET');
    keys.push(await tenant.accept(quote));
  }
  for (const orderKey of keys) await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
  return { tenant, keys, path: `/tasks/${causeTaskId(causeOf(name, simulator.instance, 'customer', 'ACC-VINET'))}` };
}

describe.skipIf(findChromium() === undefined)('tasks in a browser', () => {
  let browser: Browser;
  let base: string;

  async function enter(name: string): Promise<void> {
    const { page } = browser;
    await page.goto(`${base}/login?next=/tasks`);
    await page.getByLabel('Who').selectOption(name);
    await page.getByLabel('Password').fill(part('board').facts?.[name] ?? '');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
  }

  beforeAll(async () => {
    base = part('board').url;
    // Deciding needs no script.
    browser = await openBrowser({ javaScriptEnabled: false });
  });
  afterAll(() => browser?.close());

  test('somebody answers with the keyboard and without a script, two orders go on, and whoever is second is told', async () => {
    const { page } = browser;
    const { tenant, keys, path } = await heldUp('t83', 2);
    const other = await logIn('finance');
    const late = await other.token(path, `${path}/decide`);
    await enter('master-data');
    await page.getByLabel('Tenant').selectOption('t83');
    await page.getByRole('button', { name: 'Show' }).click();
    const row = page.getByRole('row').filter({ hasText: 'ACC-VINET' });
    expect(await row.innerText()).toMatch(/Which customer of ERP sim is ACC-VINET\?[\s\S]*2 orders[\s\S]*EUR/);
    await row.getByRole('link').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Task: customer ACC-VINET' }).waitFor();
    expect(await page.locator('#facts').innerText()).toMatch(/2 orders/);

    const form = page.getByRole('form', { name: 'Set the code' });
    await form.getByLabel('Code of the customer in ERP sim').focus();
    await page.keyboard.type('VINET');
    await page.keyboard.press('Tab');
    await page.keyboard.type('he said so on the phone');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Decided: Set the code' }).waitFor();
    expect(page.url()).toBe(`${base}${path}`);
    expect(await page.getByRole('status').filter({ hasText: 'Decided' }).innerText()).toMatch(/By board:master-data[\s\S]*he said so on the phone/);
    for (const orderKey of keys) await tenant.untilState(orderKey, 'completed');

    const second = await other.decide(path, { token: late, option: 'correct', target: 'ANATR', reason: 'I know better' });
    expect(second.status).toBe(409);
    expect(second.text).toContain('board:master-data has decided this already');
    expect(second.text).toContain('he said so on the phone');
    expect((await other.decide(path, { token: late, option: 'correct', target: 'ANATR', reason: 'I know better' })).status).toBe(409);
  });

  test('reads on a phone and by a screen reader, by day and by night; somebody takes a task, and nothing is decided by looking', async () => {
    const looks = await openBrowser();
    const { page, context } = looks;
    try {
      const { tenant, keys, path } = await heldUp('t84', 1);
      await enter('master-data');
      await browser.page.goto(`${base}${path}`);
      const taken = browser.page.getByRole('button', { name: 'Give it back' });
      if (await taken.isVisible()) await taken.click(); // an earlier run of this test has taken it
      await browser.page.getByRole('button', { name: 'Assign to me' }).click();
      await browser.page.getByRole('button', { name: 'Give it back' }).waitFor();
      await context.addCookies(await browser.context.cookies());
      const found: string[] = [];
      for (const [viewport, colorScheme] of [
        [PHONE, 'light'],
        [DESKTOP, 'dark'],
      ] as const) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        for (const address of ['/', '/tasks', '/tasks?code=CUSTOMER_UNKNOWN', path, `/orders/${keys[0]}`, `${path}/decide`]) {
          await page.goto(`${base}${address}`);
          const where = `${address} at ${viewport.width} px, ${colorScheme}`;
          const width = await page.evaluate<number>('document.documentElement.scrollWidth');
          if (width > viewport.width) found.push(`${where}: ${width} px wide`);
          if (address.endsWith('/decide')) continue;
          await page.evaluate(axe.source);
          const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
          for (const { id, impact, nodes } of violations)
            if (impact === 'serious' || impact === 'critical') found.push(`${where}: ${id} ${nodes.map(({ html }) => html).join(' ')}`);
        }
      }
      expect(found).toEqual([]);
      expect(looks.requests.filter((url) => !url.startsWith(`${base}/`))).toEqual([]);
      // The address that a form goes to shows nothing; the browser then looks for an icon where there is none.
      expect(looks.complaints.filter((text) => !/status of 40[45]/.test(text))).toEqual([]);
      expect((await tenant.order(keys[0] ?? '')).wait?.code).toBe('CUSTOMER_UNKNOWN');
    } finally {
      await looks.close();
    }
  });
});
