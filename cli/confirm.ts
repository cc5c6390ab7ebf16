import { createInterface } from 'node:readline/promises';
import type { Context } from './context.ts';
import { Refused } from './failure.ts';

/** Asks whether so much is meant. @throws {Refused} when nobody can be asked, or says no */
export async function confirmed({ say }: Pick<Context, 'say'>, what: string): Promise<void> {
  if (!process.stdin.isTTY) throw new Refused(what, 'Run the same command with --yes.');
  say(what);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const word = await terminal.question('Go on? (yes/no) ').finally(() => terminal.close());
  if (word.trim().toLowerCase() !== 'yes') throw new Refused('Nothing was decided.', 'Answer yes, or narrow down what is meant.');
}
