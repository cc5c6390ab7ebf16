import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../local/paths.ts';
import { openBrowser } from '../support/browser.ts';
import { part } from '../support/environment.ts';

// `npm run picture:board`: the overview of the running environment as docs/images/board.png. Best after `npm start -- --keep`.
const { page, close } = await openBrowser({ viewport: { width: 1100, height: 740 }, colorScheme: 'light' });
try {
  await page.goto(part('board').url);
  const last = await page.locator('#replays').boundingBox();
  await page.setViewportSize({ width: 1100, height: Math.ceil((last?.y ?? 700) + (last?.height ?? 0)) + 8 });
  const file = join(root, 'docs', 'images', 'board.png');
  writeFileSync(file, await page.screenshot());
  console.log(file);
} finally {
  await close();
}
