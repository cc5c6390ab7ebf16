import { join } from 'node:path';
import { home, logFile, root } from '../paths.ts';
import { run } from '../processes.ts';

/** Lines of one command's output that are shown. */
const LINES = 60;

/** Runs the CLI as people do, the command line first. @throws Problem when it fails */
export async function showCli(args: string[], signal: AbortSignal): Promise<void> {
  console.log(`\n$ npx quotebridge ${args.join(' ')}`);
  let lines = 0;
  await run(process.execPath, [join(root, 'bin', 'quotebridge.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, QUOTEBRIDGE_HOME: home },
    log: logFile('cli'),
    cure: 'Read the log: the environment runs, but the CLI could not read it.',
    signal,
    onLine: (line) => {
      lines += 1;
      if (lines <= LINES) console.log(line);
    },
  });
  if (lines > LINES) console.log(`(${lines - LINES} more lines)`);
}
