import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pathToFileURL } from 'node:url';
import { facts } from '../../cli/print.ts';
import { home } from '../paths.ts';
import type { EnvironmentState } from '../state.ts';

interface Links {
  readonly state: EnvironmentState;
  /** A quote whose order is shown, and the ERP's id of that order. */
  readonly quote: string;
  readonly sale: number | undefined;
  /** The page of the report. */
  readonly report: string;
}

/** Where everything is that a person may want to look at. */
export function linksText({ state, quote, sale, report }: Links): string {
  const erp = state.parts.tryton;
  const login = erp?.facts;
  const order = erp && sale !== undefined ? `${erp.url}/#${login?.database}/model/sale.sale/${sale}` : undefined;
  return facts([
    ['Board', state.parts.board?.url],
    ['', state.parts.board && `to decide, log in; names and passwords are in ${join(home, 'state.json')}: parts.board.facts`],
    [`Order of ${quote}`, order],
    ['', login && `log in as ${login.username}; the password is in ${join(home, 'state.json')}: parts.tryton.facts.password`],
    ['Local cloud', `${state.parts.cloud?.url} (AWS_ENDPOINT_URL; any credentials)`],
    ['CPQ, receivers', `${state.parts.salesforce?.url}, ${state.parts.receivers?.url}`],
    ['Report', pathToFileURL(report).href],
  ]);
}

/** Whether somebody sits before it who can answer. */
export const attended = (): boolean => Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** Asks whether everything stays up. An interruption is thrown on by `signal`. */
export async function wantsToStay(signal: AbortSignal): Promise<boolean> {
  const input = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  try {
    const answer = await input.question('\nLeave it running, to look around? (y/N) ', { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    input.close();
  }
}
