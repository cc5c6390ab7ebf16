import * as z from 'zod';
import { callVendor, type Transport, type VendorAnswer, type VendorProfile } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { apiError, isSessionRefused, loginError, parse, recordError, unexpectedAnswer } from './errors.ts';

/** What the secret holds. `url` is the organisation's My Domain: the client credentials flow works on no other host. */
export const salesforceSecret = z.object({ url: z.url(), clientId: z.string().min(1), clientSecret: z.string().min(1) });
export type SalesforceSecret = z.infer<typeof salesforceSecret>;

/** A lost answer is harmless: of a read it leaves nothing behind, and a write is of a status that is read before it is written again. */
const SALESFORCE: VendorProfile = { name: 'Salesforce', unavailable: 'CPQ_UNAVAILABLE', unknown: 'CPQ_UNAVAILABLE' };

const API_VERSION = 'v62.0';

/** Salesforce cancels a query after 2 minutes; one quote takes well under a second, and the queue tries again. */
const DEADLINE_MS = 10_000;
/** A write waits for a record that somebody else holds for 10 seconds; then Salesforce says UNABLE_TO_LOCK_ROW. */
const WRITE_DEADLINE_MS = 15_000;

/** 1,000 lines are the most that a quote may have; a page holds 200 or more. */
const MAX_PAGES = 50;

const session = z.object({ access_token: z.string().min(1), instance_url: z.url(), token_type: z.literal('Bearer') });
type Session = z.infer<typeof session>;

interface ApiRequest {
  readonly method: 'GET' | 'PATCH';
  /** With the query string, from the root of the instance. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `SBQQ__Quote__c/a0q...` below the objects of the API. `id` goes into the path as it is: the caller checks it. */
const recordPath = (object: string, id: string): string => `/services/data/${API_VERSION}/sobjects/${object}/${id}`;

const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    totalSize: z.string().regex(/^\d+$/),
    done: z.boolean(),
    nextRecordsUrl: z.string().startsWith('/services/data/').optional(),
    records: z.array(row),
  });

/**
 * The REST API of a Salesforce organisation, as far as it is used here. The access token is kept until Salesforce refuses it, for
 * its answer does not say how long it lives; then there is one new login.
 */
export class SalesforceClient {
  readonly #secret: SalesforceSecret;
  readonly #transport: Partial<Transport>;
  #session: Promise<Session> | undefined;

  constructor(secret: SalesforceSecret, transport: Partial<Transport> = {}) {
    this.#secret = secret;
    this.#transport = transport;
  }

  /**
   * All rows of a SOQL query, over all its pages.
   * @throws VendorError CPQ_UNAVAILABLE, CPQ_AUTHENTICATION, CPQ_REFUSED
   */
  async query<Row extends z.ZodType>(soql: string, row: Row): Promise<z.infer<Row>[]> {
    const rows: z.infer<Row>[] = [];
    let path: string | undefined = `/services/data/${API_VERSION}/query?q=${encodeURIComponent(soql)}`;
    for (let pages = 0; path !== undefined; pages++) {
      if (pages === MAX_PAGES) throw new VendorError('CPQ_REFUSED', 'refused', `an answer of more than ${MAX_PAGES} pages`);
      const answer = await this.#get(path);
      const page = pageOf(row).safeParse(parse(answer.body));
      if (!page.success) throw unexpectedAnswer('answer to a query', page.error);
      rows.push(...page.data.records);
      path = page.data.done ? undefined : page.data.nextRecordsUrl;
      // A lost page would make an order with lines missing.
      if (path === undefined && rows.length !== Number(page.data.totalSize)) {
        throw new VendorError('CPQ_UNAVAILABLE', 'not-sent', `${rows.length} of ${page.data.totalSize} records arrived`);
      }
    }
    return rows;
  }

  /**
   * Some fields of one record, and the time of Salesforce's own clock, in milliseconds.
   * @throws VendorError CPQ_RECORD_MISSING, and as `query`
   */
  async read<Row extends z.ZodObject>(object: string, id: string, row: Row): Promise<{ row: z.infer<Row>; now: number }> {
    const fields = Object.keys(row.shape).join(',');
    const { status, body, headers } = await this.#call({ method: 'GET', path: `${recordPath(object, id)}?fields=${fields}` });
    if (status !== 200) throw recordError(status, body);
    const record = row.safeParse(parse(body));
    if (!record.success) throw unexpectedAnswer('record', record.error);
    return { row: record.data, now: Date.parse(headers.get('date') ?? '') || Date.now() };
  }

  /**
   * Writes fields of one record unless somebody has changed it since, in whole seconds:
   * https://developer.salesforce.com/docs/platform/api-rest/guide/intro-rest-conditional-requests.html
   * @returns false when somebody has
   * @throws VendorError as `read`; `unknown` when the answer was lost
   */
  async update(object: string, id: string, fields: object, unmodifiedSince: Date): Promise<boolean> {
    const { status, body } = await this.#call({
      method: 'PATCH',
      path: recordPath(object, id),
      headers: { 'content-type': 'application/json', 'if-unmodified-since': unmodifiedSince.toUTCString() },
      body: JSON.stringify(fields),
    });
    if (status === 412) return false;
    if (status !== 204) throw recordError(status, body);
    return true;
  }

  async #get(path: string): Promise<VendorAnswer> {
    const answer = await this.#call({ method: 'GET', path });
    if (answer.status !== 200) throw apiError(answer.status, answer.body);
    return answer;
  }

  /** Any answer but that of a session that ended, for which there is one new login. */
  async #call(request: ApiRequest): Promise<VendorAnswer> {
    const first = await this.#send(request);
    if (!isSessionRefused(first.status)) return first;
    this.#session = undefined;
    return this.#send(request);
  }

  async #send({ path, headers, ...request }: ApiRequest): Promise<VendorAnswer> {
    const { access_token, instance_url } = await this.#login();
    const write = request.method !== 'GET';
    return callVendor(
      SALESFORCE,
      {
        ...request,
        url: new URL(path, instance_url).href,
        headers: { accept: 'application/json', authorization: `Bearer ${access_token}`, ...headers },
        effect: write ? 'write' : 'read',
        deadlineMs: write ? WRITE_DEADLINE_MS : DEADLINE_MS,
      },
      this.#transport,
    );
  }

  /** Calls that come at the same time share one login; a failed one is not kept. */
  #login(): Promise<Session> {
    this.#session ??= this.#newSession().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #newSession(): Promise<Session> {
    const { url, clientId, clientSecret } = this.#secret;
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }).toString();
    const answer = await callVendor(
      SALESFORCE,
      {
        method: 'POST',
        url: new URL('/services/oauth2/token', url).href,
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body,
        effect: 'read',
        deadlineMs: DEADLINE_MS,
      },
      this.#transport,
    );
    if (answer.status !== 200) throw loginError(answer.status, answer.body);
    const parsed = session.safeParse(parse(answer.body));
    if (!parsed.success) throw unexpectedAnswer('answer to the login', parsed.error);
    return parsed.data;
  }
}
