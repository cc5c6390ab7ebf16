import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** Inodes of the sockets that are connected from `from` to `to`, on this machine. */
function inodesOf(from: number, to: number): string[] {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', remote = '']) => local.endsWith(`:${hexPort(from)}`) && remote.endsWith(`:${hexPort(to)}`))
    .map((fields) => fields[9] ?? '');
}

/** What may vanish between two looks, or belong to another user, is not ours. */
function unlessGone<T>(look: () => T[]): T[] {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** The process that holds the client's end of a connection: how a function's process is found on either local cloud. */
function callerOf(clientPort: number, serverPort: number): number | undefined {
  const sockets = inodesOf(clientPort, serverPort).map((inode) => `socket:[${inode}]`);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const holds = (pid: string): boolean =>
    unlessGone(() => readdirSync(`/proc/${pid}/fd`)).some((fd) =>
      unlessGone(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]).some((to) => sockets.includes(to)),
    );
  const found = pids.find((pid) => Number(pid) !== process.pid && holds(pid));
  return found === undefined ? undefined : Number(found);
}

/** @throws Error where functions are not processes of this machine, or the call is over */
function mustFind(clientPort: number | undefined, server: string): number {
  const pid = clientPort === undefined ? undefined : callerOf(clientPort, Number(new URL(server).port));
  if (pid === undefined) throw new Error(`no process of this machine is connected from port ${clientPort} to ${server}`);
  return pid;
}

/** `kill -9` of the process that has made a call. @throws Error where functions are not processes of this machine, or the call is over */
export const killCaller = (clientPort: number | undefined, server: string): void => freezeCaller(clientPort, server)();

/** Stops the process that has made a call where it is (SIGSTOP). @returns what kills it there. @throws Error as `killCaller` */
export function freezeCaller(clientPort: number | undefined, server: string): () => void {
  const pid = mustFind(clientPort, server);
  process.kill(pid, 'SIGSTOP');
  return () => process.kill(pid, 'SIGKILL');
}
