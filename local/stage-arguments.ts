import { parseArgs } from 'node:util';

/** `--stage X` of a command line, and what is left for the CDK. */
export function stageArguments(args: string[] = process.argv.slice(2)): { stage: string | undefined; rest: string[] } {
  const { tokens } = parseArgs({ args, options: { stage: { type: 'string' } }, strict: false, tokens: true, allowPositionals: true });
  const token = tokens.findLast((one) => one.kind === 'option' && one.name === 'stage');
  if (token?.kind !== 'option') return { stage: undefined, rest: args };
  const width = token.inlineValue ? 1 : 2;
  return { stage: token.value, rest: args.filter((_, index) => index < token.index || index >= token.index + width) };
}
