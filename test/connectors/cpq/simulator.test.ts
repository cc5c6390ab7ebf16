import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quotes } from '../../../local/northwind/quotes.ts';
import type { Row } from '../../../local/vendors/salesforce/schema.ts';
import { first, type Organisation, organisation, second, third } from './harness.ts';

/** The simulator is only worth something as long as it refuses what Salesforce refuses. */
describe('Salesforce simulator', () => {
  let org: Organisation;
  let authorization: string;
  const get = async (path: string, headers: Record<string, string> = { authorization }) => {
    const answer = await fetch(org.server.url + path, { headers });
    return { status: answer.status, body: (await answer.json()) as never };
  };
  const query = (soql: string, version = 'v62.0') => get(`/services/data/${version}/query?q=${encodeURIComponent(soql)}`);
  const login = async (form: Record<string, string>) => {
    const answer = await fetch(`${org.server.url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };

  beforeAll(async () => {
    org = await organisation();
    const { body } = await login({ grant_type: 'client_credentials', client_id: org.secret.clientId, client_secret: org.secret.clientSecret });
    expect(body).toMatchObject({ token_type: 'Bearer', instance_url: org.server.url });
    authorization = `Bearer ${body.access_token}`;
  });
  afterAll(() => org.server.stop());

  it.each([
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'client_credentials', client_id: 'x' }, 'invalid_client_id'],
    [{ grant_type: 'client_credentials', client_id: 'quotebridge', client_secret: 'x' }, 'invalid_client'],
  ])('refuses the login %o as %s', async (form, error) => {
    expect(await login(form)).toMatchObject({ status: 400, body: { error } });
  });

  it.each(['', 'Bearer nonsense'])('refuses the token "%s"', async (wrong) => {
    const answer = await get('/services/data/v62.0/query?q=SELECT+Id+FROM+Account', { authorization: wrong });
    expect(answer).toEqual({ status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] });
  });

  it.each(['v12.0', 'v99.0', 'v62', 'latest'])('does not serve version %s', async (version) => {
    expect(await query('SELECT Id FROM Account', version)).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
  });

  it.each([
    ['SELECT Id, Nonsense__c FROM SBQQ__Quote__c', 'INVALID_FIELD'],
    ["SELECT Id FROM SBQQ__Quote__c WHERE Nonsense__c = 'x'", 'INVALID_FIELD'],
    ['SELECT Id FROM SBQQ__Quote__c ORDER BY Nonsense__c', 'INVALID_FIELD'],
    ['SELECT Id, SBQQ__Account__r.Nonsense FROM SBQQ__Quote__c', 'INVALID_FIELD'],
    ['SELECT Id, Nonsense__r.Name FROM SBQQ__Quote__c', 'INVALID_FIELD'],
    ['SELECT Id FROM Nonsense__c', 'INVALID_TYPE'],
    ['SELECT FROM SBQQ__Quote__c', 'MALFORMED_QUERY'],
    ['SELECT * FROM SBQQ__Quote__c', 'MALFORMED_QUERY'],
    ['SELECT Id Name FROM SBQQ__Quote__c', 'MALFORMED_QUERY'],
    ['SELECT Id FROM SBQQ__Quote__c WHERE', 'MALFORMED_QUERY'],
    ["SELECT Id FROM SBQQ__Quote__c WHERE Id = 'open", 'MALFORMED_QUERY'],
    ['SELECT Id FROM SBQQ__Quote__c LIMIT many', 'MALFORMED_QUERY'],
  ])('refuses %s as %s', async (soql, errorCode) => {
    expect(await query(soql)).toMatchObject({ status: 400, body: [{ errorCode }] });
  });

  it('finds by =, IN and AND, and sorts', async () => {
    const ids = [first, second, third].map((quote) => quote.header.id);
    const list = ids.map((one) => `'${one}'`).join(', ');
    const { body } = await query(`select Id from SBQQ__Quote__c where Id in (${list}) and SBQQ__Status__c = 'Accepted' order by Name desc limit 2`);
    expect((body as { records: { Id: string }[] }).records.map((row) => row.Id)).toEqual(ids.toReversed().slice(0, 2));
  });

  it('finds by a range of time', async () => {
    const { body } = await query(
      'SELECT Id FROM SBQQ__Quote__c WHERE LastModifiedDate >= 2020-01-01T00:00:00Z AND LastModifiedDate < 2021-01-01T00:00:00Z',
    );
    expect(body).toEqual({ totalSize: 0, done: true, records: [] });
    expect((await query('SELECT Id FROM SBQQ__Quote__c WHERE LastModifiedDate >= 2020-01-01T00:00:00Z')).body).toMatchObject({ totalSize: 3 });
  });

  it('answers fields of a parent as an object, or null where there is none', async () => {
    const soql = `SELECT Id, SBQQ__Account__r.AccountNumber FROM SBQQ__Quote__c WHERE Id = '${second.header.id}'`;
    expect(((await query(soql)).body as { records: object[] }).records[0]).toMatchObject({
      attributes: { type: 'SBQQ__Quote__c', url: `/services/data/v62.0/sobjects/SBQQ__Quote__c/${second.header.id}` },
      SBQQ__Account__r: { attributes: { type: 'Account' }, AccountNumber: 'ACC-TOMSP' },
    });
    await org.patchQuote(second.header.id, { SBQQ__Account__c: null });
    expect(((await query(soql)).body as { records: object[] }).records[0]).toMatchObject({ SBQQ__Account__r: null });
  });

  it('answers one record with the fields asked for', async () => {
    const path = `/services/data/v62.0/sobjects/SBQQ__Quote__c/${third.header.id}?fields=Name,SBQQ__Status__c`;
    expect((await get(path)).body).toMatchObject({ Name: third.header.number, SBQQ__Status__c: 'Accepted' });
    expect(await get('/services/data/v62.0/sobjects/SBQQ__Quote__c/a0qQb0000099999IAA')).toMatchObject({
      status: 404,
      body: [{ errorCode: 'NOT_FOUND' }],
    });
  });

  it('does not know a query locator that it did not give', async () => {
    expect(await get('/services/data/v62.0/query/01g000000000000AAA-2000')).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_QUERY_LOCATOR' }],
    });
  });

  describe('changing a record', () => {
    const object = '/services/data/v62.0/sobjects/SBQQ__Quote__c';
    const patch = async (path: string, body: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(org.server.url + path, { method: 'PATCH', body, headers: { authorization, ...headers } });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? '' : (JSON.parse(text) as unknown) };
    };
    const state = JSON.stringify({ QB_State__c: 'drafted' });

    it('answers nothing, and has changed the fields and the stamp in whole seconds', async () => {
      expect(await patch(`${object}/${third.header.id}`, state)).toEqual({ status: 204, body: '' });
      expect(await org.record(third.header.id)).toMatchObject({ QB_State__c: 'drafted', LastModifiedDate: expect.stringMatching(/\.000\+0000$/) });
    });

    it.each([
      ['{"Nonsense__c":1}', 400, 'INVALID_FIELD'],
      ['{"LastModifiedDate":"2026-01-01"}', 400, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
      [`{"QB_State__c":"${'x'.repeat(21)}"}`, 400, 'STRING_TOO_LONG'],
      ['nonsense', 400, 'JSON_PARSER_ERROR'],
    ])('refuses %s', async (body, status, errorCode) => {
      expect(await patch(`${object}/${third.header.id}`, body)).toMatchObject({ status, body: [{ errorCode }] });
    });

    it('refuses it when the record was changed since, and a condition that is none', async () => {
      await org.patchQuote(third.header.id, { LastModifiedDate: '2026-01-31T12:00:00.000+0000' });
      const since = (text: string) => patch(`${object}/${third.header.id}`, state, { 'if-unmodified-since': text });
      expect(await since('Sat, 31 Jan 2026 11:59:59 GMT')).toEqual({ status: 412, body: '' });
      expect(await since('yesterday')).toMatchObject({ status: 400 });
      expect(await since('Sat, 31 Jan 2026 12:00:00 GMT')).toMatchObject({ status: 204 });
    });

    it('does not find what is not there, and says of a deleted record that it is deleted', async () => {
      expect(await patch(`${object}/a0qQb0000099999IAA`, state)).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
      await org.remove('SBQQ__Quote__c', first.header.id);
      expect(await patch(`${object}/${first.header.id}`, state)).toMatchObject({ status: 404, body: [{ errorCode: 'ENTITY_IS_DELETED' }] });
    });
  });
});

/** Two processes that put records must not take each other's account for theirs. */
it('an account has one record id, whichever process puts it, and whatever it has put before', async () => {
  const inOwnProcess = async (names: readonly string[]): Promise<Map<unknown, unknown>> => {
    vi.resetModules();
    const { records } = await import('../../../local/vendors/salesforce/records.ts');
    const rows = names.flatMap(
      (name): readonly Row[] => records(quotes.filter(({ content }) => content.parties[0]?.customer === name)).Account ?? [],
    );
    return new Map(rows.map(({ AccountNumber, Id }) => [AccountNumber, Id]));
  };
  const names = [...new Set(quotes.map(({ content }) => content.parties[0]?.customer ?? ''))];
  const [there, back] = [await inOwnProcess(names), await inOwnProcess(names.toReversed())];
  expect(new Set(there.values()).size).toBe(names.length);
  expect([...back].sort()).toEqual([...there].sort());
});
