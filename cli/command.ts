import type { Command } from 'commander';
import { mustBeBack } from '../lambdas/ledger/epoch.ts';
import type { Context } from './context.ts';
import { openContext } from './context.ts';
import { CameOutBadly } from './failure.ts';

/** What a command answers: data for `--json`, text for people. */
export interface Output {
  readonly view: unknown;
  readonly text: string;
  /** false: what was asked for did not come out well, which the text says; the exit code says it too. */
  readonly ok?: boolean;
}

interface GlobalOptions {
  readonly stage: string;
  readonly json?: boolean;
}

/** Wraps the work of one command: the context of `--stage`, its arguments and options, and one output. While orders are brought back only `whileRestoring` runs. */
export const act =
  <Options, Args extends (string | undefined)[]>(
    work: (context: Context, options: Options, ...args: Args) => Promise<Output>,
    { whileRestoring = false, open = openContext }: { whileRestoring?: boolean | undefined; open?: typeof openContext } = {},
  ) =>
  async (...parsed: unknown[]): Promise<void> => {
    const command = parsed.at(-1) as Command;
    const { stage, json, ...options } = command.optsWithGlobals<GlobalOptions & Options>();
    const { writeOut, writeErr } = command.configureOutput();
    const context = await open(stage, (line) => writeErr?.(`${line}\n`));
    if (!whileRestoring) await mustBeBack(context.ledger, (options as { tenant?: string }).tenant, context.say);
    const { view, text, ok = true } = await work(context, options as Options, ...(command.processedArgs as Args));
    writeOut?.(`${json ? JSON.stringify(view, null, 2) : text}\n`);
    if (!ok) throw new CameOutBadly();
  };
