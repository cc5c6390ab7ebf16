import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** A Chromium of this machine: that of QUOTEBRIDGE_CHROMIUM, else the first of the PATH; undefined: there is none. */
export function findChromium(): string | undefined {
  const given = process.env.QUOTEBRIDGE_CHROMIUM;
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

/** What to do where there is none. */
export const CHROMIUM_CURE = 'sudo apt-get install --no-install-recommends chromium    (or QUOTEBRIDGE_CHROMIUM=/path/to/it)';
