import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import type { StageConfig } from '../config/schema.ts';
import { LOCAL_STAGE } from '../lambdas/views/defaults.ts';
import { Refused } from './failure.ts';

/** How SDK clients reach a stage; without credentials they find the caller's. */
export interface ClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Place {
  readonly client: ClientOptions;
  /** Outputs of the stage's stacks by name, e.g. `LedgerTable`. */
  readonly outputs: Readonly<Record<string, string>>;
}

const STACKS = ['data', 'integration', 'operations'] as const;

/** What a running local environment writes: `state.json` and the outputs of its stacks. */
const stateFile = z.object({
  status: z.string(),
  detail: z.string(),
  log: z.string().optional(),
  parts: z.record(z.string(), z.object({ url: z.url() })),
});
const outputsFile = z.record(z.string(), z.record(z.string(), z.string()));

/** Where a local environment keeps its files; `npm test` has one of its own. */
const localHome = (): string => resolve(process.env.QUOTEBRIDGE_HOME ?? join(dirname(dirname(fileURLToPath(import.meta.url))), '.local'));

const readJson = (file: string): unknown => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

export const notRunning = (cause?: unknown): Refused =>
  new Refused('No local environment is running.', 'npm run up    starts one\n--stage X     uses a stage on AWS', { cause });

/** The local environment that runs in `home`. @throws {Refused} when none does, or it is not ready. */
export function localPlace(home = localHome()): Place {
  const written = readJson(join(home, 'state.json'));
  if (written === undefined) throw notRunning();
  const { status, detail, log, parts } = stateFile.parse(written);
  if (status === 'failed')
    throw new Refused(`The local environment has ended: ${detail}`, log ? `${log}    says more` : 'npm run down, then npm run up');
  if (status === 'starting') throw new Refused(`The local environment is still starting ${detail}.`, 'Run the same command again in a moment.');
  const endpoint = parts.cloud?.url;
  if (status !== 'ready' || endpoint === undefined) throw notRunning();
  const stacks = readJson(join(home, 'outputs.json'));
  if (stacks === undefined)
    throw new Refused(
      'Nothing is deployed to the local environment yet.',
      'If npm start or npm run up is still at work, run the same command again in a moment.\nnpm run up -- --redeploy    deploys to what runs',
    );
  return {
    // Dummy credentials, whatever the caller's environment says: a local command reaches nothing else.
    client: { region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    outputs: Object.assign({}, ...Object.values(outputsFile.parse(stacks))),
  };
}

/** Outputs of the three stacks of a stage. @throws {Refused} when they are not there, or in another account than configured. */
export async function stackOutputs(client: CloudFormationClient, { stage, env }: StageConfig): Promise<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const part of STACKS) {
    const StackName = `quotebridge-${stage}-${part}`;
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName })).catch((error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      throw new Refused(`Stack ${StackName} does not exist in ${env.region}.`, `npm run deploy -- --stage ${stage}`, { cause: error });
    });
    const account = Stacks?.[0]?.StackId?.split(':')[4];
    if (account !== env.account)
      throw new Refused(
        `The AWS credentials are of account ${account}; config/${stage}.ts says ${env.account}.`,
        'Use the credentials of that account.',
      );
    for (const { OutputKey = '', OutputValue = '' } of Stacks?.[0]?.Outputs ?? []) outputs[OutputKey] = OutputValue;
  }
  return outputs;
}

/** A stage on AWS, with the caller's credentials. */
async function awsPlace(config: StageConfig): Promise<Place> {
  const custom = Object.keys(process.env).find((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name) && process.env[name]);
  if (custom)
    throw new Refused(`${custom} is set: stage ${config.stage} is on AWS and nowhere else.`, `unset ${custom}, then run the same command again.`);
  const client = { region: config.env.region };
  return { client, outputs: await stackOutputs(new CloudFormationClient(client), config) };
}

/** The one place that knows where a stage is. @throws {Refused} when nothing is there. */
export const placeOf = async (config: StageConfig): Promise<Place> => (config.stage === LOCAL_STAGE ? localPlace() : awsPlace(config));
