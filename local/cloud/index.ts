import type { Server } from '../server.ts';
import type { CloudName } from '../state.ts';
import { ministackVenv, startMinistack } from './ministack.ts';

export interface CloudServer extends Server {
  /** The name under which functions reach this machine, when it is not 127.0.0.1. */
  vendorHost?: string;
}

/** Starts a local cloud, or finds the one that is to be used. */
export async function startCloud(options: { cloud: CloudName; port: number }): Promise<CloudServer> {
  const { python } = await ministackVenv();
  return startMinistack({ python, port: options.port });
}
