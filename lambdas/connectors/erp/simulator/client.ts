import * as z from 'zod';
import { callVendor, type VendorAnswer, type VendorRequest } from '../../../gateway/call.ts';
import { erpProfile, parseJson, understood } from '../answers.ts';
import { Budget, type ConnectorOptions, createSessions, loginRefused } from '../session.ts';
import { didNothing } from './errors.ts';

export interface SimulatorSecret {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const PROFILE = erpProfile('The ERP', didNothing);
/** A request carries the time until which it may be begun: the vendor refuses it after that, however long the network has held it. */
export const VENDOR_MAXIMUM_MS = 4000;
/** Above the vendor's maximum. */
const CALL_DEADLINE_MS = 5000;

/** The calls of one method of the port: they share its time. Answers with 4xx are the caller's to read. */
export interface Conversation {
  get(path: string): Promise<VendorAnswer>;
  post(path: string, body?: unknown): Promise<VendorAnswer>;
}

const sessionAnswer = z.object({ token: z.string() });

/** REST with a session token that expires. */
export function createClient(secret: SimulatorSecret, options: ConnectorOptions = {}): { converse(): Conversation } {
  const send = async (request: Pick<VendorRequest, 'method' | 'effect'>, path: string, body: unknown, budget: Budget, token?: string) => {
    const deadlineMs = budget.forCall(options.callDeadlineMs ?? CALL_DEADLINE_MS);
    const url = `${secret.url.replace(/\/$/, '')}${path}`;
    const expires = String((options.now ?? Date.now)() + VENDOR_MAXIMUM_MS);
    const headers = {
      'content-type': 'application/json',
      'request-expires': expires,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return callVendor(PROFILE, { ...request, url, headers, deadlineMs, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, options);
  };

  const refused = () => loginRefused('the ERP', options);

  const login = async (budget: Budget): Promise<string> => {
    const { username, password } = secret;
    const answer = await send({ method: 'POST', effect: 'read' }, '/sessions', { username, password }, budget);
    if (answer.status !== 201) throw refused();
    return understood(sessionAnswer, parseJson(answer.body)).token;
  };

  const { authorized } = createSessions(login, refused);

  return {
    converse: () => {
      const budget = new Budget(options.now);
      return {
        get: (path) => authorized(budget, (token) => send({ method: 'GET', effect: 'read' }, path, undefined, budget, token)),
        post: (path, body) => authorized(budget, (token) => send({ method: 'POST', effect: 'write' }, path, body, budget, token)),
      };
    },
  };
}
