import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM_CURE, findChromium } from '../../local/browser.ts';

/** It asks nobody for updates or lists; without a sandbox, which a root user in a container does not get. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses that pages asked for, and what they complained of. */
  readonly requests: string[];
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A headless Chromium with a fresh profile and one page. @throws when there is none */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`no Chromium: ${CHROMIUM_CURE}`);
  const profile = mkdtempSync(join(tmpdir(), 'quotebridge-chromium-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: ARGUMENTS, ...options });
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    requests,
    complaints,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
