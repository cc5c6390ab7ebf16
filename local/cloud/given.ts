import { Problem } from '../problem.ts';
import { answers } from './health.ts';
import type { CloudServer } from './index.ts';

/** A LocalStack that somebody else runs. @throws Problem when nothing answers there */
export async function useGiven(endpoint: string, vendorHost: string | undefined): Promise<CloudServer> {
  const url = endpoint.replace(/\/$/, '');
  if (!(await answers(`${url}/_localstack/health`))) {
    throw new Problem(`No LocalStack answers at AWS_ENDPOINT_URL (${url}).`, 'Start it, or unset AWS_ENDPOINT_URL to have one started.');
  }
  return { url, vendorHost, stop: async () => undefined };
}
