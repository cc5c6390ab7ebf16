import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSalesforce } from '../../../lambdas/connectors/cpq/salesforce/index.ts';
import { quotes } from '../../../local/northwind/quotes.ts';
import type { Fault } from '../../../local/vendors/salesforce/control.ts';
import { records } from '../../../local/vendors/salesforce/records.ts';
import { first, type Organisation, organisation, second, third } from './harness.ts';

const { header, content } = first;
const id = header.id;
const line = content.lines[0]?.id as string;

describe('Salesforce connector', () => {
  let org: Organisation;
  beforeEach(async () => {
    org = await organisation();
  });
  afterEach(() => org.server.stop());

  describe('an accepted quote', () => {
    it('is read with its lines as the canonical quote', async () => {
      const quote = await org.cpq.fetchQuote(id);
      expect(quote).toMatchObject({ status: 'accepted', region: undefined, businessUnit: undefined });
      expect(quote.header).toEqual({ cpq: 'salesforce', ...header });
      expect(quote.content).toEqual(content);
      expect(Date.now() - Date.parse(quote.at)).toBeLessThan(60_000);
    });

    it('is the same for every Northwind quote that passes through Salesforce and back', async () => {
      await org.put(records(quotes));
      for (const quote of quotes.filter((_, at) => at % 20 === 0)) {
        const read = await org.cpq.fetchQuote(quote.header.id);
        expect(read.header).toEqual({ cpq: 'salesforce', ...quote.header });
        expect(read.content).toEqual(quote.content);
      }
    });

    it('has its region and business unit where the record says so', async () => {
      await org.patchQuote(id, { Region__c: 'SIM', BusinessUnit__c: 'FOOD' });
      expect(await org.cpq.fetchQuote(id)).toMatchObject({ region: 'SIM', businessUnit: 'FOOD' });
    });

    it('has the revision, channel and charge that the record says', async () => {
      await org.patchQuote(id, { Revision__c: 3, Channel__c: 'partner' });
      await org.patchLine(line, { SBQQ__ChargeType__c: 'Recurring' });
      const quote = await org.cpq.fetchQuote(id);
      expect(quote.header.revision).toBe(3);
      expect(quote.content?.channel).toBe('partner');
      expect(quote.content?.lines[0]?.charge).toBe('recurring');
    });

    it('has what the approval matrix asks for where the connection reads it, and is the same quote as before where not', async () => {
      await org.put({ User: [{ Id: '005Qb0000000001IAA', Name: 'Ann', Username: 'ann@example.com' }] });
      await org.patchQuote(id, { SBQQ__PaymentTerms__c: 'Net 60', SBQQ__SalesRep__c: '005Qb0000000001IAA' });
      await org.patchLine(line, { SBQQ__ProductFamily__c: 'Dairy Products', SBQQ__UnitCost__c: 7.5 });
      expect((await org.cpq.fetchQuote(id)).content).toEqual(content);
      const { content: read } = await org.cpqWithTerms.fetchQuote(id);
      expect(read).toMatchObject({ paymentTerm: 'Net-60', requestedBy: 'ann@example.com' });
      expect(read?.lines[0]).toMatchObject({ family: 'Dairy-Products', cost: '7.5000' });
      expect(read?.lines[1]?.cost).toBeUndefined();
    });

    it('without these terms is the same as one whose terms are not read', async () => {
      expect((await org.cpqWithTerms.fetchQuote(id)).content).toEqual(content);
    });

    it('leaves optional lines out, which no total of the quote holds', async () => {
      await org.put({
        SBQQ__QuoteLine__c: [
          { Id: 'a0zQb0000099999IAA', Name: 'QL', SBQQ__Quote__c: id, SBQQ__Number__c: 9, SBQQ__NetTotal__c: 5, SBQQ__Optional__c: true },
        ],
      });
      expect((await org.cpq.fetchQuote(id)).content?.lines.length).toBe(3);
    });

    it.each(['FR', 'France', ' france '])('takes "%s" for the country FR', async (name) => {
      await org.patchQuote(id, { SBQQ__ShippingCountry__c: name });
      expect((await org.cpq.fetchQuote(id)).content?.parties[1]?.address?.country).toBe('FR');
    });

    it.each([
      ['Germany', 'DE'],
      ['UK', 'GB'],
      ['United Kingdom', 'GB'],
      ['USA', 'US'],
    ])('takes "%s" for the country %s', async (name, code) => {
      await org.patchQuote(id, { SBQQ__ShippingCountry__c: name });
      expect((await org.cpq.fetchQuote(id)).content?.parties[1]?.address?.country).toBe(code);
    });
  });

  it('a quote that changes between the two queries is read again as a whole', async () => {
    let changed = false;
    const meddling: typeof fetch = async (url, init) => {
      if (String(url).includes('QuoteLine') && !changed) {
        changed = true;
        await org.patchLine(line, { SBQQ__Quantity__c: 10, SBQQ__NetTotal__c: 126 });
        await org.patchQuote(id, { SBQQ__NetAmount__c: 370.8 });
      }
      return fetch(url, init);
    };
    const quote = await createSalesforce(org.secret, { cpq: 'salesforce', transport: { fetch: meddling } }).fetchQuote(id);
    expect(quote.content?.lines[0]).toMatchObject({ quantity: '10', amount: '126.00' });
    expect(quote.header.total).toBe('399.94');
  });

  it.each([
    ['Draft', 'created'],
    ['In Review', 'submitted'],
    ['Approved', 'approved'],
    ['Denied', 'rejected'],
    ['Rejected', 'rejected'],
    ['Expired', 'expired'],
    ['Withdrawn', 'withdrawn'],
    ['Presented', undefined],
    [null, undefined],
  ])('a quote in status %s is %s, and its lines are not read', async (status, expected) => {
    await org.patchQuote(id, { SBQQ__Status__c: status });
    expect(await org.cpq.fetchQuote(id)).toMatchObject({ status: expected, content: undefined });
    expect((await org.counters()).query).toBe(1);
  });

  describe('a quote that makes no order', () => {
    it.each<[string, object]>([
      ['no country that exists', { SBQQ__ShippingCountry__c: 'Atlantis' }],
      ['no account', { SBQQ__Account__c: null }],
      ['no currency that is one', { CurrencyIsoCode: 'EURO' }],
      ['no channel that is known', { Channel__c: 'carrier pigeon' }],
      ['a revision of 0', { Revision__c: 0 }],
      ['another total than its lines', { SBQQ__NetAmount__c: 1 }],
    ])('with %s is QUOTE_INVALID', async (_, fields) => {
      await org.patchQuote(id, fields);
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ name: 'VendorError', code: 'QUOTE_INVALID', effect: 'refused' });
    });

    it.each<[string, object]>([
      ['no product code', { SBQQ__ProductCode__c: null }],
      ['no price', { SBQQ__NetPrice__c: null }],
      ['a price of more than 4 decimals', { SBQQ__NetPrice__c: 12.60001 }],
      ['an amount that is not quantity x price', { SBQQ__Quantity__c: 13 }],
      ['usage as its charge', { SBQQ__ChargeType__c: 'Usage' }],
    ])('whose line has %s is QUOTE_INVALID', async (_, fields) => {
      await org.patchLine(line, fields);
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ code: 'QUOTE_INVALID', effect: 'refused' });
    });

    it('does not give away names or addresses in its error', async () => {
      await org.patchQuote(id, { SBQQ__ShippingPostalCode__c: 'Rue de la Personne Privée 17' });
      const error = await org.cpq.fetchQuote(id).catch((thrown: Error) => thrown);
      expect(String(error)).toContain('QUOTE_INVALID');
      expect(String(error)).not.toContain('Personne');
    });
  });

  it.each(['a0qQb0000099999IAA', '000000000000000AAA', 'a0q*', "x' OR Id != '"])(
    'a record "%s" that does not exist is CPQ_RECORD_MISSING',
    async (missing) => {
      await expect(org.cpq.fetchQuote(missing)).rejects.toMatchObject({ code: 'CPQ_RECORD_MISSING', effect: 'refused' });
    },
  );

  it('a deleted quote is CPQ_RECORD_MISSING', async () => {
    await org.remove('SBQQ__Quote__c', id);
    await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ code: 'CPQ_RECORD_MISSING' });
  });

  describe('when Salesforce misbehaves', () => {
    const unavailable = { name: 'VendorError', code: 'CPQ_UNAVAILABLE', effect: 'not-sent' };

    it.each<[string, Fault]>([
      ['503', { on: 'query', status: 503 }],
      ['503 at login', { on: 'token', status: 503 }],
      ['429', { on: 'query', status: 429, errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
      ['a used-up allowance', { on: 'query', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
      ['500', { on: 'query', status: 500, errorCode: 'UNKNOWN_EXCEPTION' }],
      ['a lost connection', { on: 'query', drop: true }],
      ['a lost connection at login', { on: 'token', drop: true }],
    ])('%s is CPQ_UNAVAILABLE', async (_, fault) => {
      await org.faults(fault);
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject(unavailable);
      expect((await org.cpq.fetchQuote(id)).status).toBe('accepted');
    });

    it('an answer that comes too late is CPQ_UNAVAILABLE', async () => {
      const hasty = createSalesforce(org.secret, { cpq: 'salesforce', transport: { deadline: () => AbortSignal.timeout(50) } });
      await org.faults({ on: 'query', delayMs: 1000 });
      await expect(hasty.fetchQuote(id)).rejects.toMatchObject(unavailable);
    });

    it('nobody at the address is CPQ_UNAVAILABLE', async () => {
      await org.server.stop();
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject(unavailable);
    });

    it.each<[string, Fault]>([
      ['a field that it does not know', { on: 'query', status: 400, errorCode: 'INVALID_FIELD', message: "No such column 'Revision__c' on entity" }],
      ['a right that the user lacks', { on: 'query', status: 403, errorCode: 'INSUFFICIENT_ACCESS' }],
      ['a version that it does not serve', { on: 'query', status: 404, errorCode: 'NOT_FOUND' }],
      ['a page of HTML', { on: 'query', status: 200, body: '<html>maintenance</html>' }],
      ['a redirect', { on: 'query', status: 302, body: '', headers: { location: 'https://example.com/' } }],
      ['an answer without a field', { on: 'query', status: 200, body: '{"totalSize":1,"done":true,"records":[{"Id":"a0qQb0000010248IAA"}]}' }],
    ])('%s is CPQ_REFUSED', async (_, fault) => {
      await org.faults(fault);
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ code: 'CPQ_REFUSED', effect: 'refused' });
    });

    it('fewer records than announced are not taken for the whole quote', async () => {
      await org.faults({ on: 'query', status: 200, body: '{"totalSize":2,"done":true,"records":[]}' });
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject(unavailable);
    });

    it.each([
      ['client', { clientId: 'somebody' }],
      ['secret', { clientSecret: 'wrong' }],
    ])('a wrong %s is CPQ_AUTHENTICATION', async (_, part) => {
      const stranger = createSalesforce({ ...org.secret, ...part }, { cpq: 'salesforce' });
      await expect(stranger.fetchQuote(id)).rejects.toMatchObject({ code: 'CPQ_AUTHENTICATION', effect: 'refused' });
    });

    it('a secret without a client is CPQ_AUTHENTICATION and sends nothing', () => {
      expect(() => createSalesforce({ url: org.secret.url }, { cpq: 'salesforce' })).toThrow(/CPQ_AUTHENTICATION/);
    });
  });

  describe('access token', () => {
    it('is kept for the next quotes', async () => {
      await org.cpq.fetchQuote(id);
      await org.cpq.fetchQuote(second.header.id);
      expect((await org.counters()).token).toBe(1);
    });

    it('is shared by quotes that are read at once', async () => {
      await Promise.all([first, second, third].map((quote) => org.cpq.fetchQuote(quote.header.id)));
      expect((await org.counters()).token).toBe(1);
    });

    it('that was revoked is replaced by one new login', async () => {
      await org.cpq.fetchQuote(id);
      await org.revokeTokens();
      expect((await org.cpq.fetchQuote(id)).status).toBe('accepted');
      expect((await org.counters()).token).toBe(2);
    });

    it('that is refused again after the new login is CPQ_AUTHENTICATION', async () => {
      await org.faults({ on: 'query', times: 2, status: 401, errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' });
      await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ code: 'CPQ_AUTHENTICATION', effect: 'refused' });
      expect((await org.counters()).token).toBe(2);
    });
  });
});

describe('Salesforce connector on an organisation', () => {
  it('that pages reads every line, in order, over all pages', async () => {
    const big = quotes.find((quote) => quote.content.lines.length === 25) as (typeof quotes)[number];
    const org = await organisation({ records: records([big]), pageSize: 4 });
    expect((await org.cpq.fetchQuote(big.header.id)).content).toEqual(big.content);
    expect((await org.counters()).page).toBe(6);
    await org.server.stop();
  });

  it('whose page fails reads the whole quote with the next attempt', async () => {
    const org = await organisation({ pageSize: 1 });
    await org.faults({ on: 'page', status: 503 });
    await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ code: 'CPQ_UNAVAILABLE' });
    expect((await org.cpq.fetchQuote(id)).content).toEqual(content);
    await org.server.stop();
  });

  it('whose tokens expire logs in anew', async () => {
    const org = await organisation({ tokenLifetimeMs: 0 });
    await expect(org.cpq.fetchQuote(id)).rejects.toMatchObject({ code: 'CPQ_AUTHENTICATION' });
    expect((await org.counters()).token).toBe(2);
    await org.server.stop();
  });
});
