import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type BoardRequest, type BoardResponse, createBoard } from '../../lambdas/board/board.ts';
import { freePort } from '../ports.ts';
import type { Server } from '../server.ts';
import { openBoard } from './open.ts';

/** Names under which a browser on this machine asks for the board. Any other is a page elsewhere whose name now leads here. */
const ownNames = (port: number): string[] => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];

const FOREIGN: BoardResponse = {
  status: 421,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: 'The board answers on this machine only, under 127.0.0.1 or localhost.\n',
};

/** By hand: not all that a request may ask for is a URL, and one of them must not end the environment. */
function requestOf({ method = '', url = '/' }: IncomingMessage): BoardRequest {
  const [path = '/', query] = url.split('?', 2);
  return { method, path, query: Object.fromEntries(new URLSearchParams(query)) };
}

function send(response: ServerResponse, { status, headers, body }: BoardResponse, method: string | undefined): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
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

/** Serves the operators' board of this environment. Until something is deployed to it a page says so. @param wanted the first port that is tried; 0 takes any */
export async function startBoard(wanted: number): Promise<Server> {
  const board = createBoard({ open: openBoard(), failed: (error) => console.error('the board:', error) });
  let names: readonly string[] = [];
  const server = createServer((request, response) => {
    const { method } = request;
    if (!names.includes(request.headers.host ?? '')) return send(response, FOREIGN, method);
    board(requestOf(request)).then(
      (answer) => send(response, answer, method),
      (error: unknown) => {
        console.error('the board:', error);
        response.destroy();
      },
    );
  });
  const bound = await listen(server, await freePort(wanted));
  names = ownNames(bound);
  return {
    url: `http://127.0.0.1:${bound}`,
    notes: bound === wanted || wanted === 0 ? [] : [`Port ${wanted} is taken: the board listens on ${bound}.`],
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
