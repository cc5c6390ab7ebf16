import * as z from 'zod';
import { callVendor, type VendorAnswer } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { erpProfile, parseJson, understood } from '../answers.ts';
import { Budget, type ConnectorOptions, createSessions, loginRefused } from '../session.ts';
import { didNothing, failedStatus, refusal } from './errors.ts';

export interface TrytonSecret {
  readonly url: string;
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

const PROFILE = erpProfile('Tryton', didNothing);
/** Above Tryton's own maximum: on SQLite it answers `503 database is locked` after 30.4 s. */
const CALL_DEADLINE_MS = 35_000;

/** The calls of one method of the port: they share its time. `context` is added to the context of the user. */
export interface Conversation {
  read(method: string, params: readonly unknown[], context?: Readonly<Record<string, unknown>>): Promise<unknown>;
  write(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Id of the company in which the user works. */
  company(): Promise<number>;
}

/** A user without a company cannot sell. */
const userPreferences = z.object({ company: z.int() });

type Effect = 'read' | 'write';

/** `company` stands in the context of every call; without a context Tryton answers 422. */
interface Session {
  readonly authorization: string;
  readonly company: number;
}

/** JSON-RPC: POST /<database>/rpc/ with exactly `id`, `method` and `params`, of which the last is the context. */
export function createClient(secret: TrytonSecret, options: ConnectorOptions = {}): { converse(): Conversation } {
  const url = `${secret.url.replace(/\/$/, '')}/${encodeURIComponent(secret.database)}/rpc/`;
  let nextId = 1;

  const post = async (method: string, params: unknown[], effect: Effect, budget: Budget, authorization?: string): Promise<VendorAnswer> => {
    const deadlineMs = budget.forCall(options.callDeadlineMs ?? CALL_DEADLINE_MS);
    const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
    const body = JSON.stringify({ id: nextId++, method, params });
    return callVendor(PROFILE, { method: 'POST', url, headers, body, effect, deadlineMs }, options);
  };

  // The seventh wrong password locks the right one out too, for 300 s: a login that is refused is not tried again.
  const refused = () => loginRefused('Tryton', options);

  const login = async (budget: Budget): Promise<Session> => {
    const answer = await post('common.db.login', [secret.username, { password: secret.password }, 'en'], 'read', budget);
    const result = answer.status === 401 ? undefined : resultOf(answer, 'read');
    if (!Array.isArray(result)) throw refused();
    const authorization = `Session ${Buffer.from(`${secret.username}:${result[0]}:${result[1]}`).toString('base64')}`;
    const preferences = resultOf(await post('model.res.user.get_preferences', [true, {}], 'read', budget, authorization), 'read');
    return { authorization, ...understood(userPreferences, preferences) };
  };

  const { open, authorized } = createSessions(login, refused);

  const call = async (method: string, params: readonly unknown[], effect: Effect, budget: Budget, context = {}): Promise<unknown> => {
    const answer = await authorized(budget, ({ authorization, company }) =>
      post(method, [...params, { company, ...context }], effect, budget, authorization),
    );
    return resultOf(answer, effect);
  };

  return {
    converse: () => {
      const budget = new Budget(options.now);
      return {
        read: (method, params, context) => call(method, params, 'read', budget, context),
        write: (method, params) => call(method, params, 'write', budget),
        company: async () => (await open(budget)).company,
      };
    },
  };
}

function resultOf(answer: VendorAnswer, effect: Effect): unknown {
  if (answer.status !== 200) throw failedStatus(answer.status);
  const body = parseJson(answer.body);
  if (typeof body === 'object' && body !== null) {
    if ('error' in body) throw refusal(body.error);
    if ('result' in body) return body.result;
  }
  const detail = 'Tryton answered 200 with something that is no answer';
  throw effect === 'write' ? new VendorError('ERP_ANSWER_UNKNOWN', 'unknown', detail) : new VendorError('ERP_UNAVAILABLE', 'not-sent', detail);
}
