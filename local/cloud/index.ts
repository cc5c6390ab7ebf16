import { ensureLocalstack } from '../localstack/install.ts';
import { startLocalstack } from '../localstack/server.ts';
import type { Server } from '../server.ts';
import { startInDocker } from './docker.ts';
import { useGiven } from './given.ts';
import { ministackVenv, startMinistack } from './ministack.ts';

/** A local cloud and the way it is run. */
export type CloudChoice =
  | { name: 'ministack' }
  /** Without Docker, by the kit in local/localstack. */
  | { name: 'localstack'; way: 'host' }
  /** By compose.yaml. */
  | { name: 'localstack'; way: 'docker' }
  /** One that runs already; nothing of it is started or ended here. */
  | { name: 'localstack'; way: 'given'; endpoint: string; vendorHost?: string | undefined };

export interface CloudServer extends Server {
  /** The name under which functions reach this machine, when they run where 127.0.0.1 is another one. */
  vendorHost?: string | undefined;
}

interface InstallOptions {
  signal?: AbortSignal | undefined;
  detail?: (text: string) => void;
}

/** Installs what a cloud needs, when it is missing. */
export async function installCloud(choice: CloudChoice, options: InstallOptions = {}): Promise<void> {
  if (choice.name === 'ministack') await ministackVenv(options);
  else if (choice.way === 'host') await ensureLocalstack(options);
}

/** Starts a cloud that is installed. @param port the first that is tried; 0 takes any */
export async function startCloud(choice: CloudChoice, port: number): Promise<CloudServer> {
  if (choice.name === 'ministack') return startMinistack({ python: (await ministackVenv()).python, port });
  if (choice.way === 'given') return useGiven(choice.endpoint, choice.vendorHost);
  return choice.way === 'docker' ? startInDocker(port) : startLocalstack(await ensureLocalstack(), port);
}
