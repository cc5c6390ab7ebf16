import { Problem } from '../problem.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|([\w-]+\.)*localhost\.localstack\.cloud)$/;

export const isLoopback = (url: string): boolean => URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);

const endpointsIn = (environment: NodeJS.ProcessEnv) =>
  Object.entries(environment).filter((entry): entry is [string, string] => /^AWS_ENDPOINT_URL(_|$)/.test(entry[0]) && Boolean(entry[1]));

/** Local commands never talk to anything but this machine. @throws Problem */
export function refuseRemoteEndpoint(environment: NodeJS.ProcessEnv = process.env): void {
  for (const [name, url] of endpointsIn(environment)) {
    if (!isLoopback(url))
      throw new Problem(
        `${name} is ${url}, which is not on this machine: local commands do not touch it.`,
        `unset ${name}, then run the same command again.`,
      );
  }
}

/** A deployment to AWS goes to AWS and nowhere else. @throws Problem */
export function refuseCustomEndpoint(environment: NodeJS.ProcessEnv = process.env): void {
  for (const [name, url] of endpointsIn(environment)) {
    const where = isLoopback(url) ? 'on this machine' : 'not AWS';
    throw new Problem(
      `${name} is ${url}, which is ${where}: this command deploys to AWS.`,
      `unset ${name}, then run it again. For a local deployment: npm run up.`,
    );
  }
}

/** What every tool and client gets to reach a local cloud: dummy credentials, no profile and no file of the user. */
export function localAws(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The caller's environment without anything of AWS that is theirs. */
export function localEnvironment(endpoint: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_') || name === 'AWS_CA_BUNDLE');
  return { ...Object.fromEntries(own), ...localAws(endpoint) };
}
