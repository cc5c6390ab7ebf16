import { BRING_UP_PHASES, bringUp } from '../bring-up.ts';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { refuseWhenRunning, stopOwnEnvironment } from '../environment.ts';
import { FLOW_PHASES, flow } from '../feed/flow.ts';
import { expectation, parseOptions, type StartOptions } from '../feed/options.ts';
import { showCli } from '../feed/show.ts';
import { attended, linksText, wantsToStay } from '../feed/stay.ts';
import { quotes } from '../northwind/quotes.ts';
import { Progress } from '../progress.ts';
import { summaryText, verdictText } from '../report/summary.ts';
import { writeReport } from '../report/write.ts';

const SHOWN = quotes[0]?.header.number ?? '';

/** Everything up, the quotes through it, and what came of them. @returns whether all of it is as it should be, and whether it stays up */
async function start({ quotes: count, keep }: StartOptions, signal: AbortSignal): Promise<{ ok: boolean; stay: boolean }> {
  const began = performance.timeOrigin;
  console.log(`${count} accepted quotes of Northwind become orders in an ERP on this machine. ${expectation(count, quotes.length)}\n`);
  const progress = new Progress(BRING_UP_PHASES + FLOW_PHASES);
  const state = await bringUp(progress, { cloud: { name: 'ministack' }, port: 4566, signal });
  const { report, firstSale } = await flow(progress, { state, count, start: began, signal });
  const page = writeReport(report);
  console.log(`\n${summaryText(report)}`);
  await showCli(['lineage', SHOWN], signal);
  await showCli(['orders', 'list', '--waiting'], signal);
  if (keep || attended()) console.log(`\n${linksText({ state, quote: SHOWN, sale: firstSale, report: page })}`);
  else console.log(`\nReport: ${page}\nThe commands above work while it runs: npm start -- --keep leaves it running.`);
  const stay = keep || (attended() && (await wantsToStay(signal)));
  console.log(`\n${verdictText(report)}`);
  return { ok: report.ok, stay };
}

async function main(options: StartOptions, signal: AbortSignal): Promise<number> {
  refuseRemoteEndpoint();
  refuseWhenRunning();
  try {
    const { ok, stay } = await start(options, signal);
    if (stay) console.log('It is left running; npm run down stops it.');
    else await stopOwnEnvironment();
    return ok ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) await stopOwnEnvironment();
    throw error;
  }
}

const options = parseOptions(process.argv.slice(2), quotes.length);
if ('wrong' in options) {
  console.error(options.wrong);
  process.exitCode = 2;
} else {
  await command(
    (signal) => main(options, signal),
    async () => {
      await stopOwnEnvironment();
      return 'Nothing is left running; the next run starts over.';
    },
  );
}
