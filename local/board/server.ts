import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createBoard } from '../../lambdas/board/board.ts';
import { type BoardResponse, plainAnswer } from '../../lambdas/board/response.ts';
import { freePort } from '../ports.ts';
import type { Server } from '../server.ts';
import { createDoor, type DoorRequest } from './door.ts';
import { createLogins, newPasswords } from './logins.ts';
import { openBoard } from './open.ts';
import { cookieOf, RefusedRequest, readForm } from './request.ts';
import { createSessions } from './sessions.ts';

/** Names under which a browser on this machine asks for the board. Any other is a page elsewhere whose name now leads here. */
const ownNames = (port: number): string[] => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];

const FOREIGN = plainAnswer(421, 'The board answers on this machine only, under 127.0.0.1 or localhost.');

const FAILED = plainAnswer(500, 'This went wrong. The log of the board has the rest.');

/** By hand: not all that a request may ask for is a URL, and one of them must not end the environment. */
function addressOf({ method = '', url = '/' }: IncomingMessage): Pick<DoorRequest, 'method' | 'path' | 'query'> {
  const [path = '/', query] = url.split('?', 2);
  return { method, path, query: Object.fromEntries(new URLSearchParams(query)) };
}

function send(response: ServerResponse, { status, headers, body }: BoardResponse, { method }: IncomingMessage): void {
  // What was refused unread must not be taken for the next request.
  const close = status === 413 || status === 415 ? { connection: 'close' } : {};
  response.writeHead(status, { ...headers, ...close, 'content-length': String(Buffer.byteLength(body)) });
  response.end(method === 'HEAD' ? undefined : body);
}

/** Listens on 127.0.0.1 and nowhere else: whoever reaches it sees every order. */
async function listen(server: HttpServer, port: number): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the board has no port');
  return address.port;
}

export interface BoardServerOptions {
  /** The first port that is tried; 0 takes any. */
  readonly port: number;
  /** Who may log in; each gets a password, which `facts` has. */
  readonly people: readonly string[];
}

/** Serves the operators' board of this environment, with a log-in for whoever decides. Until something is deployed to it a page says so. */
export async function startBoard({ port: wanted, people }: BoardServerOptions): Promise<Server> {
  const passwords = newPasswords(people);
  const board = createBoard({ open: openBoard(), failed: (error) => console.error('the board:', error) });
  let port = 0;
  const cookie = () => `quotebridge-board-${port}`;
  const door = createDoor({ logins: createLogins(passwords), sessions: createSessions(), board, cookie });

  async function respond(request: IncomingMessage): Promise<BoardResponse> {
    const { host = '' } = request.headers;
    if (!ownNames(port).includes(host)) return FOREIGN;
    const form = request.method === 'POST' ? await readForm(request, `http://${host}`) : undefined;
    return door({ ...addressOf(request), form, session: cookieOf(request, cookie()) });
  }

  const server = createServer((request, response) => {
    respond(request).then(
      (answer) => send(response, answer, request),
      (error: unknown) => {
        if (error instanceof RefusedRequest) return send(response, plainAnswer(error.status, error.message), request);
        console.error('the board:', error);
        send(response, FAILED, request);
      },
    );
  });
  port = await listen(server, await freePort(wanted));
  return {
    url: `http://127.0.0.1:${port}`,
    facts: passwords,
    notes: port === wanted || wanted === 0 ? [] : [`Port ${wanted} is taken: the board listens on ${port}.`],
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
