import * as z from 'zod';
import { callVendor, type Transport, type VendorAnswer, type VendorProfile } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { apiError, isSessionRefused, loginError, parse, unexpectedAnswer } from './errors.ts';

/** What the secret holds. `url` is the organisation's My Domain: the client credentials flow works on no other host. */
export const salesforceSecret = z.object({ url: z.url(), clientId: z.string().min(1), clientSecret: z.string().min(1) });
export type SalesforceSecret = z.infer<typeof salesforceSecret>;

/** A call only reads here, so a lost answer leaves nothing behind. */
const SALESFORCE: VendorProfile = { name: 'Salesforce', unavailable: 'CPQ_UNAVAILABLE', unknown: 'CPQ_UNAVAILABLE' };

const API_VERSION = 'v62.0';

/** Salesforce cancels a query after 2 minutes; one quote takes well under a second, and the queue tries again. */
const DEADLINE_MS = 10_000;

/** 1,000 lines are the most that a quote may have; a page holds 200 or more. */
const MAX_PAGES = 50;

const session = z.object({ access_token: z.string().min(1), instance_url: z.url(), token_type: z.literal('Bearer') });
type Session = z.infer<typeof session>;

const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    totalSize: z.string().regex(/^\d+$/),
    done: z.boolean(),
    nextRecordsUrl: z.string().startsWith('/services/data/').optional(),
    records: z.array(row),
  });

/**
 * The REST API of a Salesforce organisation, as far as it is read here. The access token is kept until Salesforce refuses it, for
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

  async #get(path: string): Promise<VendorAnswer> {
    const first = await this.#send(path);
    const answer = isSessionRefused(first.status) ? await this.#again(path) : first;
    if (answer.status !== 200) throw apiError(answer.status, answer.body);
    return answer;
  }

  async #again(path: string): Promise<VendorAnswer> {
    this.#session = undefined;
    return this.#send(path);
  }

  async #send(path: string): Promise<VendorAnswer> {
    const { access_token, instance_url } = await this.#login();
    const headers = { accept: 'application/json', authorization: `Bearer ${access_token}` };
    return callVendor(
      SALESFORCE,
      { method: 'GET', url: new URL(path, instance_url).href, headers, effect: 'read', deadlineMs: DEADLINE_MS },
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
