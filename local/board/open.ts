import { SFNClient } from '@aws-sdk/client-sfn';
import { openContext } from '../../cli/context.ts';
import { Refused } from '../../cli/failure.ts';
import { executionTimings } from '../../lambdas/aws/history.ts';
import { type BoardDeps, type ErpLink, NotReady } from '../../lambdas/board/deps.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import { files } from '../paths.ts';
import { LOCAL_STAGE, readState } from '../state.ts';

/** Peeking into dead-letter queues hides their messages for a moment: not more often than this, however many look. */
const QUEUES_MS = 5000;

/** The same answer for a while, and for all who ask meanwhile. A failure is not kept. */
function remembered<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let known: { readonly until: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (known && known.until > Date.now()) return known.answer;
    const answer = ask();
    known = { until: Date.now() + milliseconds, answer };
    answer.catch(() => {
      known = undefined;
    });
    return answer;
  };
}

/** Where Tryton shows the codes that quotes are mapped to. A carrier has that of its party, and its own list does not show it. */
const RECORDS: Readonly<Record<string, string>> = { customer: 'party.party', product: 'product.product', carrier: 'party.party' };

/** A page of Tryton's own web client; the ERP simulator has none. @param path model, and id of one record */
function clientLink(vendor: string | undefined, ...path: readonly string[]): ErpLink | undefined {
  const tryton = readState()?.parts.tryton;
  if (vendor !== 'tryton' || !tryton) return undefined;
  return {
    href: `${tryton.url}/#${tryton.facts?.database}/model/${path.map(encodeURIComponent).join('/')}`,
    note: `Log in as ${tryton.facts?.username}; the password is in ${files.state}: parts.tryton.facts.password.`,
  };
}

async function connect(): Promise<BoardDeps> {
  const context = await openContext(LOCAL_STAGE);
  const { config, defaults, ledger, documents, stateMachineArn, queues, client } = context;
  return {
    policy: config.policy,
    defaults,
    ledger,
    bucket: documents.bucket,
    quoteOf: ({ document }) => documents.readQuote(document),
    decide: (request) => decideTask({ ...context, policy: config.policy }, request),
    stateMachineArn,
    queues: remembered(QUEUES_MS, () => queues.all(config.policy)),
    timings: executionTimings(new SFNClient(client)),
    saleLink: (erp, reference) => clientLink(config.policy.erps[erp]?.vendor, 'sale.sale', reference),
    codesLink: (erp, kind) => clientLink(config.policy.erps[erp]?.vendor, RECORDS[kind] ?? kind),
    docsUrl: config.docsUrl,
    endpoint: client.endpoint,
  };
}

/** Opens the environment that this process holds, once it is ready and deployed; until then {@link NotReady}. */
export function openBoard(): () => Promise<BoardDeps> {
  let open: Promise<BoardDeps> | undefined;
  return () => {
    open ??= connect().catch((error: unknown) => {
      open = undefined;
      throw error instanceof Refused ? new NotReady(error.message) : error;
    });
    return open;
  };
}
