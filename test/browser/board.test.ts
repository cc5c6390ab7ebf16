import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../cli/program.ts';
import { causeOf } from '../../contracts/reference.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import { findChromium } from '../../local/browser.ts';
import { logIn } from '../support/board.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { part } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote } from '../support/quotes.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1200, height: 900 };

/** Quotes whose customer nobody has mapped: their orders wait. */
async function waitingOrder(name: string, number?: string) {
  const tenant = createTenant(connectStage(), name, simulator);
  const clean = northwindQuote(1);
  const quote = number === undefined ? clean : { ...clean, header: { ...clean.header, number } };
  await tenant.prepare(quote, 'ACC-VINET');
  const orderKey = await tenant.accept(quote);
  await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
  return { tenant, orderKey, number: quote.header.number ?? '' };
}

/** Runs the CLI in this process. */
async function quotebridge(...args: readonly string[]): Promise<void> {
  let err = '';
  const code = await run(args, {
    out: () => undefined,
    err: (text) => {
      err += text;
    },
  });
  if (code !== 0) throw new Error(`quotebridge ${args.join(' ')}: ${err}`);
}

describe.skipIf(findChromium() === undefined)('the board in a browser', () => {
  let browser: Browser;
  let base: string;

  beforeAll(async () => {
    base = part('board').url;
    browser = await openBrowser();
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  });
  afterAll(() => browser?.close());

  const open = (path: string) => browser.page.goto(`${base}${path}`);
  const focusedText = () => browser.page.evaluate<string>('document.activeElement.textContent.trim()');

  test('somebody finds an order that waits, sees why, runs the command that is shown, and sees it go on', async () => {
    const { page } = browser;
    const { orderKey, number, tenant } = await waitingOrder('t55');
    await open('/');
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'CUSTOMER_UNKNOWN', exact: true }) });
    expect(await row.innerText()).toMatch(/master-data\s+[1-9]\d*\s+\d+ (s|min|h)\s+\d+\.\d\d [A-Z]{3}/);

    await row.getByRole('link').click();
    await page.getByLabel('Tenant').selectOption('t55');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator(`a[href="/orders/${orderKey}"]`).click();
    await page.getByRole('heading', { level: 1, name: `Order of ${number}` }).waitFor();
    expect(await page.locator('#why').innerText()).toMatch(
      /No customer of the ERP is mapped to this account: account ACC-VINET[\s\S]*master-data has to act/,
    );

    await page.locator('#why').getByRole('button', { name: 'Copy the command' }).click();
    await page.getByText('Copied', { exact: true }).waitFor({ state: 'attached' });
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    const task = causeTaskId(causeOf('t55', 'sim', 'customer', 'ACC-VINET'));
    expect(command).toBe(`npx quotebridge tasks decide ${task} correct --target CODE --reason TEXT`);
    const execution = page.locator('#run-1 summary');
    await execution.focus();
    await page.keyboard.press('Enter');
    const scroll = await page.evaluate<number>('scrollY');
    await quotebridge(...command.replace('CODE', 'VINET').split(' ').slice(2));
    await tenant.untilState(orderKey, 'completed');

    // Nobody reloads: the page reads itself anew, and neither focus nor what was opened is lost.
    await page.locator('#live .badge', { hasText: 'completed' }).first().waitFor({ timeout: 30_000 });
    expect(await page.locator('#why').count()).toBe(0);
    expect(await page.locator('#happened').innerText()).toMatch(/of waiting for CUSTOMER_UNKNOWN[\s\S]*Run 2[\s\S]*The ERP confirmed the order/);
    expect(await focusedText()).toBe('Execution of run 1');
    expect(await page.locator('#run-1').getAttribute('open')).not.toBeNull();
    expect(scroll).toBeGreaterThan(0);
    const known = async () => (await page.locator('#known').innerText()).includes('Every subscriber has the newest event');
    await poll('every subscriber has it', known, { seconds: 60, every: 500 });
  });

  test('without a pointer: from the overview to an order and back, and one sees where one is', async () => {
    const { page } = browser;
    const { number } = await waitingOrder('t56');
    await page.setViewportSize(DESKTOP);
    await open('/');
    await page.keyboard.press('Tab');
    expect(await focusedText()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');

    const walkTo = async (text: string) => {
      for (let steps = 0; steps < 60; steps++) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
        if ((await focusedText()) === text) return;
      }
      throw new Error(`60 steps of the keyboard do not lead to ${text}`);
    };
    await walkTo(number);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `Order of ${number}` }).waitFor();
    await walkTo('Overview');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

    await page.getByRole('searchbox').focus();
    await page.keyboard.type(number);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `Order of ${number}` }).waitFor();
  });

  test('somebody logs in, is led back, and logs out; another person stays in', async () => {
    const { page, context } = browser;
    const other = await logIn('finance');
    await open('/orders?state=waiting');
    await page.getByRole('link', { name: 'Log in' }).click();
    await page.getByLabel('Who').selectOption('master-data');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password of this name.').waitFor();
    await page.getByLabel('Who').selectOption('master-data');
    await page.getByLabel('Password').fill(part('board').facts?.['master-data'] ?? '');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    expect(page.url()).toBe(`${base}/orders?state=waiting`);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: 'Log in' }).waitFor();
    expect((await other.get('/')).text).toContain('finance Log out');
  });

  test('reads on a phone and by a screen reader, by day and by night', async () => {
    const { page } = browser;
    const { orderKey } = await waitingOrder('t57', `Q-${'LONG'.repeat(19)}`);
    const paths = ['/', '/orders', '/orders?state=waiting', `/orders/${orderKey}`, '/search?q=nothing', '/orders?days=x', '/login'];
    const found: string[] = [];
    for (const [viewport, colorScheme] of [
      [PHONE, 'light'],
      [DESKTOP, 'dark'],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      for (const path of paths) {
        await open(path);
        const where = `${path} at ${viewport.width} px, ${colorScheme}`;
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (width > viewport.width) found.push(`${where}: ${width} px wide`);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
        for (const { id, impact, nodes } of violations)
          if (impact === 'serious' || impact === 'critical') found.push(`${where}: ${id} ${nodes.map(({ html }) => html).join(' ')}`);
      }
    }
    expect(found).toEqual([]);
  });

  test('asks nobody else for anything, and complains of nothing', () => {
    expect(browser.requests.length).toBeGreaterThan(30);
    expect(browser.requests.filter((url) => !url.startsWith(`${base}/`))).toEqual([]);
    // A page that says that there is no such thing says so by its status, which the browser logs.
    expect(browser.complaints.filter((text) => !/status of 40[034]/.test(text))).toEqual([]);
  });
});
