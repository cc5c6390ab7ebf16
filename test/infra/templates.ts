import { globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig, parseConfig } from '../../config/index.ts';
import type { StageConfig } from '../../config/schema.ts';
import { composeApp } from '../../lib/app.ts';

export const root = join(import.meta.dirname, '../..');

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: templates are free JSON, and a test names the path that it reads
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>;
}

/** Functions without their code: what a template says does not depend on it. */
function emptyFunctions(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quotebridge-functions-'));
  for (const handler of globSync('*/*/handler.ts', { cwd: join(root, 'lambdas/functions') })) {
    mkdirSync(join(folder, dirname(handler)), { recursive: true });
    writeFileSync(join(folder, dirname(handler), 'index.mjs'), '');
  }
  return folder;
}

/** The AWS stage that config/example.ts describes, with some values changed. */
export async function exampleConfig(changes: Partial<StageConfig> = {}): Promise<StageConfig> {
  return parseConfig('config/example.ts', { ...(await loadConfig('example')), ...changes });
}

const code = emptyFunctions();
const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));

/** The app of one stage, before synthesis, with the feature flags of cdk.json. */
export const compose = (config: StageConfig) =>
  composeApp({ config, code }, { context, outdir: mkdtempSync(join(tmpdir(), 'quotebridge-templates-')) });

/** The synthesized templates of one stage, and questions about them. */
export class Templates {
  readonly stacks: ReadonlyMap<string, Template>;
  private readonly config: StageConfig;

  constructor(config: StageConfig) {
    this.config = config;
    this.stacks = new Map(
      compose(config)
        .synth()
        .stacks.map(({ stackName, template }) => [stackName, template as Template]),
    );
  }

  /** Every resource of a type, with the stack and its logical id. */
  ofType(type: string): { readonly stack: string; readonly id: string; readonly resource: Resource }[] {
    return [...this.stacks].flatMap(([stack, { Resources }]) =>
      Object.entries(Resources).flatMap(([id, resource]) => (resource.Type === type ? [{ stack, id, resource }] : [])),
    );
  }

  /** Replaces every reference by what it will be after the deployment: ARNs and names. */
  resolve(stack: string, value: unknown): string {
    if (typeof value === 'string') return value;
    const [[operator, operand] = []] = Object.entries(value as Record<string, unknown>);
    if (operator === 'Ref') return this.reference(stack, operand as string);
    if (operator === 'Fn::GetAtt') return this.attribute(stack, operand as [string, string]);
    if (operator === 'Fn::Join') return (operand as [string, unknown[]])[1].map((part) => this.resolve(stack, part)).join('');
    if (operator === 'Fn::ImportValue') return this.exported(operand as string);
    throw new Error(`do not know how to resolve ${JSON.stringify(value)}`);
  }

  private resource(stack: string, id: string): Resource {
    const found = this.stacks.get(stack)?.Resources[id];
    if (!found) throw new Error(`${stack} has no resource ${id}`);
    return found;
  }

  private reference(stack: string, id: string): string {
    if (id === 'AWS::Partition') return 'aws';
    if (id === 'AWS::Region') return this.config.env.region;
    const { Type, Properties } = this.resource(stack, id);
    if (Type === 'AWS::StepFunctions::StateMachine') return this.attribute(stack, [id, 'Arn']);
    return physicalName(Properties) ?? id;
  }

  private attribute(stack: string, [id, attribute]: [string, string]): string {
    const { Type, Properties } = this.resource(stack, id);
    const { region, account } = this.config.env;
    const name = physicalName(Properties) ?? id;
    if (attribute === 'StreamArn') return `arn:aws:dynamodb:${region}:${account}:table/${name}/stream/*`;
    if (attribute !== 'Arn') return `${name}.${attribute}`;
    const arn = ARNS[Type];
    if (!arn) throw new Error(`do not know the ARN of ${Type}`);
    return arn(name, `${region}:${account}`);
  }

  private exported(name: string): string {
    for (const [stack, { Outputs = {} }] of this.stacks)
      for (const { Export, Value } of Object.values(Outputs)) if (Export?.Name === name) return this.resolve(stack, Value);
    throw new Error(`nothing exports ${name}`);
  }
}

const NAMES = ['QueueName', 'TableName', 'BucketName', 'FunctionName', 'StateMachineName', 'TopicName', 'LogGroupName', 'ArchiveName'];

/** The name that we give; undefined where CloudFormation makes one from the stack's name. */
export const physicalName = (properties: Record<string, unknown> = {}): string | undefined =>
  [...NAMES, 'Name'].map((key) => properties[key]).find((name) => typeof name === 'string');

const ARNS: Record<string, (name: string, where: string) => string> = {
  'AWS::SQS::Queue': (name, where) => `arn:aws:sqs:${where}:${name}`,
  'AWS::DynamoDB::Table': (name, where) => `arn:aws:dynamodb:${where}:table/${name}`,
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name}`,
  'AWS::Lambda::Function': (name, where) => `arn:aws:lambda:${where}:function:${name}`,
  'AWS::Events::EventBus': (name, where) => `arn:aws:events:${where}:event-bus/${name}`,
  'AWS::Events::Rule': (name, where) => `arn:aws:events:${where}:rule/${name}`,
  'AWS::StepFunctions::StateMachine': (name, where) => `arn:aws:states:${where}:stateMachine:${name}`,
  'AWS::Logs::LogGroup': (name, where) => `arn:aws:logs:${where}:log-group:${name}:*`,
  'AWS::SNS::Topic': (name, where) => `arn:aws:sns:${where}:${name}`,
};
