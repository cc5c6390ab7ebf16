import { createServer } from 'node:net';

const free = (port: number, host: string): Promise<number | undefined> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => (['EADDRINUSE', 'EACCES'].includes(error.code ?? '') ? done(undefined) : fail(error)));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : undefined));
    });
  });

/** The first free port from `wanted` on. 0 takes any, which is how two environments never meet. */
export async function freePort(wanted: number, host = '127.0.0.1'): Promise<number> {
  for (let port = wanted; port < wanted + 100; port += 1) {
    const found = await free(port, host);
    if (found !== undefined) return found;
  }
  throw new Error(`no free port between ${wanted} and ${wanted + 99} on ${host}`);
}
