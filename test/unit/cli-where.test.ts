import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localPlace, stackOutputs } from '../../cli/where.ts';
import example from '../../config/example.ts';
import { stageConfig } from '../../config/schema.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cli '));
});
afterEach(() => rmSync(home, { recursive: true }));

const write = (name: string, content: object) => writeFileSync(join(home, name), JSON.stringify(content));
const state = (status: string) => write('state.json', { status, detail: 'the ERP', parts: { cloud: { url: 'http://127.0.0.1:4567' } } });

describe('the local stage', () => {
  test('is where the running environment says, with dummy credentials', () => {
    state('ready');
    write('outputs.json', { data: { LedgerTable: 'l' }, integration: { InboundBus: 'i' } });
    expect(localPlace(home)).toEqual({
      client: { region: 'us-east-1', endpoint: 'http://127.0.0.1:4567', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
      outputs: { LedgerTable: 'l', InboundBus: 'i' },
    });
  });

  test('that does not run says how to start it', () => {
    expect(() => localPlace(home)).toThrow(expect.objectContaining({ cure: expect.stringContaining('npm run up') }));
    state('stopped');
    expect(() => localPlace(home)).toThrow('No local environment is running');
  });

  test('that has ended by itself says why, and where more is written', () => {
    write('state.json', { status: 'failed', detail: 'tryton ended by itself. npm run down, then start again.', log: '/logs/tryton.log', parts: {} });
    expect(() => localPlace(home)).toThrow('tryton ended by itself');
    expect(() => localPlace(home)).toThrow(expect.objectContaining({ cure: expect.stringContaining('/logs/tryton.log') }));
  });

  test('that is starting, or to which nothing is deployed, says so', () => {
    state('starting');
    expect(() => localPlace(home)).toThrow('still starting the ERP');
    state('ready');
    expect(() => localPlace(home)).toThrow('Nothing is deployed');
  });
});

describe('a stage on AWS', () => {
  const config = stageConfig.parse(example);

  /** An answer of CloudFormation for every stack, without a network. */
  function cloudFormation(answer: (stack: string) => Error | string): CloudFormationClient {
    const client = new CloudFormationClient({ region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    client.middlewareStack.add(
      () => async (args) => {
        const name = (args.input as { StackName: string }).StackName;
        const account = answer(name);
        if (account instanceof Error) throw account;
        const stack = { StackId: `arn:aws:cloudformation:eu-central-1:${account}:stack/${name}/1`, Outputs: [{ OutputKey: name, OutputValue: 'v' }] };
        return { response: {}, output: { Stacks: [stack], $metadata: {} } };
      },
      { step: 'initialize', priority: 'high' },
    );
    return client;
  }

  test('is what the outputs of its three stacks say', async () => {
    const outputs = await stackOutputs(
      cloudFormation(() => config.env.account),
      config,
    );
    expect(Object.keys(outputs)).toEqual(['quotebridge-example-data', 'quotebridge-example-integration', 'quotebridge-example-operations']);
  });

  test('that is not deployed says how to deploy it', async () => {
    const missing = cloudFormation((stack) => new Error(`Stack with id ${stack} does not exist`));
    await expect(stackOutputs(missing, config)).rejects.toMatchObject({ name: 'Refused', cure: 'npm run deploy -- --stage example' });
  });

  test('is refused with credentials of another account', async () => {
    const other = cloudFormation(() => '999999999999');
    await expect(stackOutputs(other, config)).rejects.toThrow('of account 999999999999');
  });
});
