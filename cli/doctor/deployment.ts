import {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DescribeStacksCommand,
  DetectStackDriftCommand,
} from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { releaseOf } from '../../config/release.ts';
import type { Context } from '../context.ts';
import { count } from '../print.ts';
import { bad, type Check, type Finding, look, ok, unknown } from './finding.ts';

const DEADLINE_MS = 5000;
/** A clock that is further off spoils signatures (SigV4 refuses more than 5 minutes) and shows wrong ages long before. */
const SKEW_SECONDS = 30;
const DRIFT_SECONDS = 90;

const deployAgain = ({ config }: Context): string =>
  config.cloud === 'aws' ? `npm run deploy -- --stage ${config.stage}` : 'npm run up -- --redeploy';

/** Whether what is deployed is what this folder would deploy: code by its version, policy by its hash. */
export const versions =
  (context: Context): Check =>
  async () => {
    const { version, policyHash } = releaseOf(context.config);
    const deployed = { version: context.outputs.ReleaseVersion, policyHash: context.outputs.PolicyHash };
    const text = `Quotebridge ${deployed.version}, policy ${deployed.policyHash}`;
    if (deployed.version === version && deployed.policyHash === policyHash) return ok('versions', text);
    return look('versions', `${text}; this folder has ${version}, policy ${policyHash}`, `${deployAgain(context)}    deploys what this folder has`);
  };

/** Every function can be called, on the code that was deployed last. */
export const functions =
  ({ outputs, client, config }: Context): Check =>
  async () => {
    const lambda = new LambdaClient(client);
    const names = Object.entries(outputs).flatMap(([output, name]) => (output.endsWith('Function') ? [name] : []));
    const wrong: string[] = [];
    for (const FunctionName of names) {
      const { State, LastUpdateStatus, StateReason } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const fine = (State ?? 'Active') === 'Active' && (LastUpdateStatus ?? 'Successful') === 'Successful';
      if (!fine) wrong.push(`${FunctionName}: ${State}, update ${LastUpdateStatus}${StateReason ? `, ${StateReason}` : ''}`);
    }
    if (wrong.length === 0) return ok('functions', `${names.length} ready`);
    return bad('functions', wrong.join('; '), `npm run deploy -- --stage ${config.stage}    puts them right`);
  };

/** Seconds that this machine is ahead of whoever answers at `url`, by its Date header (one second exact). */
async function skewAgainst(url: string): Promise<number | undefined> {
  const before = Date.now();
  const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
  const date = Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : Math.round(((before + Date.now()) / 2 - date) / 1000);
}

/** Order comes from sequence numbers; clocks decide what is due. So a wrong one delays, and makes ages untrue. */
export const clock =
  ({ client, config }: Context): Check =>
  async () => {
    const skew = await skewAgainst(client.endpoint ?? `https://sts.${config.env.region}.amazonaws.com/`);
    if (skew === undefined)
      return unknown('clock', 'the cloud does not say what time it has', 'timedatectl    shows whether this machine is synchronised');
    const text = `this machine is ${Math.abs(skew) <= 1 ? 'within a second of' : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'}`} the cloud`;
    return Math.abs(skew) > SKEW_SECONDS
      ? bad('clock', text, 'Synchronise the clock of this machine (timedatectl set-ntp true).')
      : ok('clock', text);
  };

async function driftOf(client: CloudFormationClient, StackName: string): Promise<string> {
  const { StackDriftDetectionId } = await client.send(new DetectStackDriftCommand({ StackName }));
  const end = Date.now() + DRIFT_SECONDS * 1000;
  for (;;) {
    const { DetectionStatus, StackDriftStatus } = await client.send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }));
    if (DetectionStatus !== 'DETECTION_IN_PROGRESS') return StackDriftStatus ?? 'UNKNOWN';
    if (Date.now() > end) return 'UNKNOWN';
    await new Promise((done) => setTimeout(done, 2000));
  }
}

/** Whether somebody changed by hand what the stacks describe. Local clouds do not know drift. */
export const drift =
  ({ client, config }: Context): Check =>
  async () => {
    if (config.cloud !== 'aws') return ok('drift', 'not looked for: only AWS tells');
    const cloudFormation = new CloudFormationClient(client);
    const names = ['data', 'integration', 'operations'].map((part) => `quotebridge-${config.stage}-${part}`);
    const states = await Promise.all(names.map((name) => driftOf(cloudFormation, name)));
    const drifted = names.filter((_, at) => states[at] === 'DRIFTED');
    if (drifted.length > 0)
      return look(
        'drift',
        `${drifted.join(', ')} was changed by hand`,
        `AWS console: CloudFormation, the stack, Stack actions, View drift results. ${'`'}npm run deploy${'`'} does not put back what the template has not changed.`,
      );
    const untold = states.filter((state) => state !== 'IN_SYNC').length;
    return untold > 0
      ? unknown(
          'drift',
          `${count(untold, 'stack')} could not be compared within ${DRIFT_SECONDS} s`,
          'AWS console: CloudFormation, the stack, Stack actions, Detect drift.',
        )
      : ok('drift', `${names.length} stacks are as they were deployed`);
  };

/** The stacks themselves: a deployment that failed half way is rolled back and says so here. */
export const stacks =
  ({ client, config }: Context): Check =>
  async () => {
    const cloudFormation = new CloudFormationClient(client);
    const findings: Finding[] = [];
    for (const part of ['data', 'integration', 'operations']) {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: `quotebridge-${config.stage}-${part}` }));
      const status = Stacks?.[0]?.StackStatus ?? 'missing';
      if (!/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status))
        findings.push(
          bad('stacks', `${part}: ${status}`, `npm run deploy -- --stage ${config.stage}    or read its events in the CloudFormation console`),
        );
    }
    return findings.length > 0 ? findings : ok('stacks', `3 of stage ${config.stage}, ${config.env.account} ${config.env.region}`);
  };
