import type { ErpPort } from '../../../lambdas/connectors/erp/port.ts';
import { createErpSimulator } from '../../../lambdas/connectors/erp/simulator/index.ts';
import { start } from '../../../local/vendors/erp-simulator/server.ts';
import { start as startFaultProxy } from '../../../local/vendors/fault-proxy.ts';
import { createFaults } from '../../../local/vendors/faults.ts';
import type { HeldOrder, Subject } from './subject.ts';

interface Order {
  readonly document: HeldOrder;
  readonly followers: readonly { readonly kind: string; readonly number: string }[];
}

/** @param uniqueness whether this ERP refuses a second document with the same key */
export async function simulatorSubject(uniqueness: ErpPort['uniqueness'] = 'native'): Promise<Subject> {
  const login = { username: 'quotebridge', password: 'a-password' };
  const server = await start({ ...login, uniqueKeys: uniqueness === 'native' });
  const proxy = await startFaultProxy({ target: server.url });
  const request = async (method: string, path: string, body?: unknown, headers = {}): Promise<unknown> => {
    const answer = await fetch(`${server.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    return answer.json();
  };
  const order = async (ref: string): Promise<Order> => {
    const { token } = (await request('POST', '/sessions', login)) as { token: string };
    return (await request('GET', `/orders/${ref}`, undefined, { authorization: `Bearer ${token}` })) as Order;
  };
  const change = async (path: string, fields: object): Promise<void> => {
    await request('PATCH', `/__control/${path}`, fields);
  };
  const cancelFollowers = async (ref: string, kind: string): Promise<void> => {
    for (const follower of (await order(ref)).followers)
      if (follower.kind === kind) await change(`followers/${follower.number}`, { state: 'cancelled' });
  };
  const faults = createFaults(proxy.url);
  return {
    connect: (options, password = login.password) => createErpSimulator({ ...login, url: proxy.url, password }, { ...options, uniqueness }),
    faults,
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
    held: async (ref) => (await order(ref)).document,
    // the network holds the request for longer than the ERP would begin it
    whileBusy: async (key, what) => {
      await faults.plan({ match: { method: 'POST /orders', contains: key }, action: 'delay', ms: 4400 });
      return what();
    },
    cancelShipments: (ref) => cancelFollowers(ref, 'shipment'),
    cancelInvoices: (ref) => cancelFollowers(ref, 'invoice'),
    cancelStuck: (ref) => change(`orders/${ref}`, { state: 'cancelled' }),
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
