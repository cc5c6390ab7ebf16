import { ConfigurationError } from '../config/index.ts';
import { Interrupted, lastLines, Problem } from './problem.ts';

const indent = (text: string) => text.replaceAll(/^(?=.)/gm, '  ');

/** Prints a failure for people: what happened, the last lines of the log that explains it, and the cure. */
export function printFailure(error: unknown): void {
  const forPeople = error instanceof Problem || error instanceof ConfigurationError;
  console.error(forPeople ? `\n${error.message}` : error);
  if (!(error instanceof Problem)) return;
  if (error.log) console.error(`The last lines of ${error.log}:\n${indent(lastLines(error.log))}`);
  console.error(`What to do:\n${indent(error.cure)}`);
}

/**
 * Runs a command: Ctrl-C aborts `signal`, a Problem is printed with its cure, anything else with its stack.
 * @param interrupted what is cleaned up after an interruption, and said about it
 */
export async function command(
  work: (signal: AbortSignal) => Promise<number | undefined>,
  interrupted: () => Promise<string> = async () => '',
): Promise<void> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort(new Interrupted()));
  try {
    process.exitCode = (await work(abort.signal)) ?? 0;
  } catch (error) {
    if (abort.signal.aborted) {
      console.error('\nInterrupted: cleaning up.');
      console.error(await interrupted());
      process.exitCode = 130;
    } else {
      printFailure(error);
      process.exitCode = 1;
    }
  }
}
