import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { erpDirectory } from '../../../lambdas/connectors/erp/index.ts';
import { Budget, createSessions } from '../../../lambdas/connectors/erp/session.ts';
import { failedStatus, refusal } from '../../../lambdas/connectors/erp/tryton/errors.ts';
import { createTryton } from '../../../lambdas/connectors/erp/tryton/index.ts';
import { VendorError } from '../../../lambdas/gateway/vendor-error.ts';
import { failure } from './drafts.ts';

describe('Tryton’s errors', () => {
  it.each([
    ['UserError', ['You can not call "quote".', '', null], 'ERP_REFUSED', 'refused', 'You can not call "quote".'],
    ['UserWarning', ['name', 'Title', 'Are you sure?'], 'ERP_REFUSED', 'refused', 'name Title Are you sure?'],
    ['ConcurrencyException', 'sale.sale,1', 'ERP_BUSY', 'not-sent', 'somebody else changed the record at the same time'],
    ["'sale.nothing'", '', 'ERP_REFUSED', 'refused', "Tryton failed on the request: 'sale.nothing'"],
  ])('%s is named', (kind, said, code, effect, detail) => {
    expect(refusal([kind, said])).toMatchObject({ code, effect, detail });
  });

  it.each([
    [404, 'ERP_UNAVAILABLE', 'not-sent'],
    [400, 'ERP_REFUSED', 'refused'],
    [403, 'ERP_REFUSED', 'refused'],
    [422, 'ERP_REFUSED', 'refused'],
  ])('status %i is named', (status, code, effect) => {
    expect(failedStatus(status)).toMatchObject({ code, effect });
  });

  it.each(['', '<html>', '[]', '{"id":1}'])('the answer %j to a write is unknown, for it may have been done', async (body) => {
    const answers = ['{"result":[1,"key",null]}', '{"result":{"company":1}}', '{"result":[{"id":3}]}', body];
    const fetch = async () => new Response(answers.shift() ?? '');
    const tryton = createTryton({ url: 'http://erp.test', database: 'run', username: 'u', password: 'p' }, { fetch });
    const customer = { company: 1, party: 5, invoice_party: null, invoice_address: 5, shipment_party: null };
    const ref = { ...customer, shipment_address: 5, payment_term: null, warehouse: 5 };
    const draft = { key: 'K.0', customer: ref, currency: 'EUR', description: '', shipTo: undefined, carrier: undefined, requestedDate: undefined };
    expect(await failure(tryton.createDraft({ ...draft, lines: [], freight: undefined }))).toMatchObject({
      code: 'ERP_ANSWER_UNKNOWN',
      effect: 'unknown',
    });
  });
});

describe('the time of one method', () => {
  it('is shared by its calls, and a call for which none is left is not sent', () => {
    let now = 0;
    const budget = new Budget(() => now);
    expect(budget.forCall(35_000)).toBe(35_000);
    now = 30_000;
    expect(budget.forCall(35_000)).toBe(10_000);
    now = 39_900;
    expect(() => budget.forCall(35_000)).toThrow(expect.objectContaining({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' }));
  });
});

describe('a session', () => {
  const answer = (status: number) => ({ status, headers: new Headers(), body: '' });
  const refused = () => new VendorError('ERP_AUTHENTICATION', 'refused', 'no');

  it('is opened once for all that need it at the same time', async () => {
    let logins = 0;
    const { authorized } = createSessions(async () => ++logins, refused);
    await Promise.all([1, 2, 3].map(() => authorized(new Budget(), async () => answer(200))));
    expect(logins).toBe(1);
  });

  it('that ended is opened once more, and the second 401 is the end', async () => {
    let logins = 0;
    const { authorized } = createSessions(async () => ++logins, refused);
    const used: number[] = [];
    const attempt = async (session: number) => {
      used.push(session);
      return answer(401);
    };
    await expect(authorized(new Budget(), attempt)).rejects.toMatchObject({ code: 'ERP_AUTHENTICATION' });
    expect(used).toEqual([1, 2]);
  });

  it('that could not be opened is tried again by the next call', async () => {
    let logins = 0;
    const login = async () => {
      logins += 1;
      if (logins === 1) throw new VendorError('ERP_UNAVAILABLE', 'not-sent', 'down');
      return logins;
    };
    const { authorized } = createSessions(login, refused);
    await expect(authorized(new Budget(), async () => answer(200))).rejects.toMatchObject({ code: 'ERP_UNAVAILABLE' });
    expect((await authorized(new Budget(), async () => answer(200))).status).toBe(200);
  });
});

describe('the directory of ERP instances', () => {
  const instances = {
    main: { vendor: 'tryton', secretName: 'erp/main', maxInFlight: 3 },
    sim: { vendor: 'simulator', secretName: 'erp/sim', maxInFlight: 3 },
  } as const;
  const login = { url: 'http://erp.test', username: 'u', password: 'p' };

  it('keeps a connector as long as its secret stays the same', async () => {
    let password = 'p';
    const erpOf = erpDirectory(instances, { get: async () => ({ ...login, database: 'run', password }), forget: () => {} });
    const first = await erpOf('main');
    expect(await erpOf('main')).toBe(first);
    password = 'another';
    expect(await erpOf('main')).not.toBe(first);
    expect([first.vendor, (await erpOf('sim')).vendor]).toEqual(['Tryton', 'ERP simulator']);
  });

  it('has each connector say of which instance it is that refuses a login', async () => {
    const server = createServer((_request, response) => void response.writeHead(401).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const forgotten: string[] = [];
      const erpOf = erpDirectory(instances, { get: async () => ({ ...login, url, database: 'run' }), forget: (name) => void forgotten.push(name) });
      for (const instance of ['main', 'sim'])
        await expect((await erpOf(instance)).findCustomer('C')).rejects.toMatchObject({
          code: 'ERP_AUTHENTICATION',
          shared: { erp: instance, kind: 'instance', code: instance },
          detail: expect.stringContaining(`${instance}: `),
        });
      expect(forgotten).toEqual(['erp/main', 'erp/sim']);
    } finally {
      server.close();
    }
  });

  it('has each connector say of which instance it is that does not answer, and keeps what it says of a single call', async () => {
    const server = createServer((request, response) => void response.writeHead(request.url?.includes('sessions') ? 503 : 400).end()).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const erpOf = erpDirectory(instances, { get: async () => ({ ...login, url, database: 'run' }), forget: () => {} });
      await expect((await erpOf('sim')).findCustomer('C')).rejects.toMatchObject({
        code: 'ERP_UNAVAILABLE',
        effect: 'not-sent',
        shared: { erp: 'sim', kind: 'outage', code: 'sim' },
        detail: 'sim: The ERP answered 503',
      });
      await expect((await erpOf('main')).findCustomer('C')).rejects.toMatchObject({ code: 'ERP_REFUSED', shared: undefined });
      expect((await erpOf('main')).vendorKey('O', 1)).toBe('O.1');
    } finally {
      server.close();
    }
  });

  it('refuses an instance that the policy does not have, and a secret that lacks something without telling what it holds', async () => {
    const erpOf = erpDirectory(instances, { get: async () => ({ ...login, password: 7 }), forget: () => {} });
    await expect(erpOf('other')).rejects.toThrow('no ERP instance "other"');
    await expect(erpOf('main')).rejects.toThrow(/database/);
  });
});
