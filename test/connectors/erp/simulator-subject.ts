import { createErpSimulator } from '../../../lambdas/connectors/erp/simulator/index.ts';
import { start } from '../../../local/vendors/erp-simulator/server.ts';
import { start as startFaultProxy } from '../../../local/vendors/fault-proxy.ts';
import { createFaults } from '../../../local/vendors/faults.ts';
import type { HeldOrder, Subject } from './subject.ts';

export async function simulatorSubject(): Promise<Subject> {
  const login = { username: 'quotebridge', password: 'a-password' };
  const server = await start(login);
  const proxy = await startFaultProxy({ target: server.url });
  const request = async (method: string, path: string, body?: unknown, headers = {}): Promise<unknown> => {
    const answer = await fetch(`${server.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    return answer.json();
  };
  const held = async (ref: string): Promise<HeldOrder> => {
    const { token } = (await request('POST', '/sessions', login)) as { token: string };
    const { document } = (await request('GET', `/orders/${ref}`, undefined, { authorization: `Bearer ${token}` })) as { document: HeldOrder };
    return document;
  };
  const change = async (path: string, fields: object): Promise<void> => {
    await request('PATCH', `/__control/${path}`, fields);
  };
  return {
    connect: (options, password = login.password) => createErpSimulator({ ...login, url: proxy.url, password }, options),
    faults: createFaults(proxy.url),
    methods: {
      create: 'POST /orders',
      confirm: (ref) => `POST /orders/${ref}/confirmation`,
      cancel: (ref) => `POST /orders/${ref}/cancellation`,
    },
    setCustomerActive: (code, active) => change(`customers/${code}`, { active }),
    setProductActive: (code, active) => change(`products/${code}`, { active }),
    setListPrice: (code, listPrice) => change(`products/${code}`, { listPrice }),
    setProcessable: (code, processable) => change(`products/${code}`, { processable }),
    credit: (customer, creditLimit, creditHold) => change(`customers/${customer}`, { creditLimit, creditHold }),
    parent: (customer, parent) => change(`customers/${customer}`, { parent }),
    expireSessions: async () => {
      await request('DELETE', '/__control/tokens');
    },
    held,
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
