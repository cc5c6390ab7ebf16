import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import type { Defaults } from '../../lambdas/views/defaults.ts';
import { countSales } from '../erp/count.ts';
import { quotes } from '../northwind/quotes.ts';
import { Problem } from '../problem.ts';
import type { Progress } from '../progress.ts';
import type { Report } from '../report/data.ts';
import { makeReport } from '../report/make.ts';
import { type Observed, observe, ofOthers } from '../report/observe.ts';
import { duration } from '../report/statistics.ts';
import { versions } from '../report/versions.ts';
import { type EnvironmentState, readState } from '../state.ts';
import { seedReferences } from './references.ts';
import { type Sent, sendQuotes } from './send.ts';
import { CPQ, openStage, type Stage, TENANT } from './stage.ts';
import { counter, Pace } from './tally.ts';
import { type Expected, type Watched, watch } from './watch.ts';

/** How many phases `flow` shows. */
export const FLOW_PHASES = 3;

interface Flow {
  readonly state: EnvironmentState;
  /** How many quotes are sent. */
  readonly count: number;
  /** When the command began, in milliseconds. */
  readonly start: number;
  readonly signal: AbortSignal;
}

const expected = (count: number): Expected[] =>
  quotes.slice(0, count).map(({ header }) => ({
    recordId: header.id,
    number: header.number ?? header.id,
    orderKey: orderKeyOf(TENANT, CPQ, header.id, header.revision),
  }));

/** Sends the quotes and watches them become orders, both at once. */
async function sendAndWatch(progress: Progress, stage: Stage, all: Expected[], signal: AbortSignal): Promise<[Sent, Watched]> {
  let sent = 0;
  const pace = new Pace();
  return progress.phase('Quotes become orders', { usually: `about ${duration(10 + all.length)}` }, ({ detail }) =>
    Promise.all([
      sendQuotes({
        relay: stage.relay,
        cpq: stage.part('salesforce').url,
        recordIds: all.map(({ recordId }) => recordId),
        signal,
        sent: (quotes) => {
          sent = quotes;
        },
      }),
      watch({
        ledger: stage.ledger,
        tenant: TENANT,
        quotes: all,
        signal,
        show: (tally) => detail(counter(tally, sent, pace.perSecond(tally.settled, Date.now()))),
      }),
    ]),
  );
}

const observeAll = (progress: Progress, stage: Stage, all: Expected[], signal: AbortSignal): Promise<Observed> =>
  progress.phase('Comparing the ERP and the subscribers with the ledger', { usually: 'a few seconds' }, ({ detail }) =>
    observe({
      ledger: stage.ledger,
      tenant: TENANT,
      orderKeys: all.map(({ orderKey }) => orderKey),
      receivers: stage.part('receivers').url,
      subscribers: Object.fromEntries(Object.entries(stage.policy.subscribers).map(([name, { events }]) => [name, events])),
      signal,
      show: (behind) => detail(`${behind} events are still on their way`),
    }),
  );

/** When the environment ended by itself, its own reason says more than the call that failed because of it. */
function explained(error: unknown): unknown {
  const state = readState();
  return state?.status === 'failed'
    ? new Problem(state.detail, 'This command stops what is left of it: run it again.', state.log ? { log: state.log } : {})
    : error;
}

interface Flowed {
  readonly report: Report;
  readonly defaults: Defaults;
  /** The ERP's id of the order of the first quote, if there is one. */
  readonly firstSale: number | undefined;
}

/** Imports the master data, sends the quotes, waits for their end, and looks at what everybody knows of them. */
export async function flow(progress: Progress, { state, count, start, signal }: Flow): Promise<Flowed> {
  try {
    const stage = await openStage(state);
    const all = expected(count);
    await progress.phase('Importing the master data', { usually: 'about 2 s' }, () => seedReferences(stage.ledger, TENANT));
    const up = Date.now();
    const [{ acceptedAt, ...sent }, { rejected, gaveUp }] = await sendAndWatch(progress, stage, all, signal);
    const flowed = Date.now();
    const observed = await observeAll(progress, stage, all, signal);
    const database = stage.part('tryton').facts?.file ?? '';
    const sales = countSales(database, await ofOthers(stage.ledger, TENANT, [...countSales(database).byKey.keys()]));
    const sentQuotes = all.map(({ recordId, number, orderKey }) => ({ number, orderKey, acceptedAt: acceptedAt.get(recordId) ?? 0 }));
    const times = { start, up, flowed, end: Date.now() };
    const report = makeReport({ quotes: sentQuotes, sent, observed, rejected, gaveUp, sales, defaults: stage.defaults, versions: versions(), times });
    return { report, defaults: stage.defaults, firstSale: sales.byKey.get(all[0]?.orderKey ?? '')?.[0]?.id };
  } catch (error) {
    throw explained(error);
  }
}
