import type { Transport } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import type { CpqPort, CpqQuote } from '../port.ts';
import { SalesforceClient, salesforceSecret } from './client.ts';
import { addsUp, atOf, contentOf, headerOf, type LineRow, linesQuery, type QuoteRow, quoteQuery, rowsOf, statusOf } from './map.ts';
import { writeStatus } from './status.ts';

export { readNotices } from './notice.ts';

export interface SalesforceDeps {
  /** Name of the CPQ connection in the tenant's configuration; stands in the header of its quotes. */
  readonly cpq: string;
  /** Reads what the approval matrix asks for, too. */
  readonly terms?: boolean | undefined;
  readonly transport?: Partial<Transport>;
  /** Waits so many milliseconds. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Key prefix, instance and number, and the three characters that tell capital letters. Anything else has no place in a query. */
const RECORD_ID = /^[0-9A-Za-z]{15}([A-Z0-5]{3})?$/;

/**
 * Salesforce CPQ over the REST API. Keep the result between invocations: it holds the access token.
 * @throws VendorError CPQ_AUTHENTICATION when `secret` is not `{url, clientId, clientSecret}`
 */
export function createSalesforce(secret: unknown, deps: SalesforceDeps): CpqPort {
  const parsed = salesforceSecret.safeParse(secret);
  if (!parsed.success) throw new VendorError('CPQ_AUTHENTICATION', 'not-sent', 'the secret does not hold url, clientId and clientSecret');
  const client = new SalesforceClient(parsed.data, deps.transport);
  return {
    vendor: 'salesforce',
    fetchQuote: (recordId) => fetchQuote({ client, terms: deps.terms ?? false }, deps.cpq, recordId),
    writeStatus: async (recordId, read) => {
      if (!RECORD_ID.test(recordId)) throw missing();
      return writeStatus(client, recordId, read, deps.pause);
    },
  };
}

const missing = (): VendorError => new VendorError('CPQ_RECORD_MISSING', 'refused', 'Salesforce has no such quote');

interface Reading {
  readonly client: SalesforceClient;
  readonly terms: boolean;
}

async function fetchQuote(reading: Reading, cpq: string, recordId: string): Promise<CpqQuote> {
  const row = await readQuote(reading, recordId);
  if (statusOf(row) !== 'accepted') return toQuote(cpq, row, undefined);
  const lines = await readLines(reading, recordId);
  if (addsUp(row, lines)) return toQuote(cpq, row, lines);
  // Two queries are not one moment: read both again before the quote itself is blamed.
  const again = await readQuote(reading, recordId);
  return toQuote(cpq, again, statusOf(again) === 'accepted' ? await readLines(reading, recordId) : undefined);
}

async function readQuote({ client, terms }: Reading, recordId: string): Promise<QuoteRow> {
  if (!RECORD_ID.test(recordId)) throw missing();
  const [row] = await client.query(quoteQuery(recordId, terms), rowsOf(terms).quote);
  if (row === undefined) throw missing();
  return row;
}

const readLines = ({ client, terms }: Reading, recordId: string): Promise<LineRow[]> => client.query(linesQuery(recordId, terms), rowsOf(terms).line);

function toQuote(cpq: string, row: QuoteRow, lines: readonly LineRow[] | undefined): CpqQuote {
  return {
    header: headerOf(cpq, row),
    status: statusOf(row),
    at: atOf(row),
    region: row.Region__c ?? undefined,
    businessUnit: row.BusinessUnit__c ?? undefined,
    content: lines === undefined ? undefined : contentOf(row, lines),
  };
}
