/** Where people see an execution: the console of AWS, or the command that a local cloud answers. */
export interface ExecutionLink {
  readonly href?: string;
  readonly command?: string;
}

const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-cn': 'console.amazonaws.cn',
};

/** @param endpoint of a local cloud; undefined: AWS */
export function executionLink(arn: string, endpoint: string | undefined): ExecutionLink {
  const [, partition = 'aws', , region = ''] = arn.split(':');
  if (endpoint === undefined)
    return {
      href: `https://${region}.${CONSOLES[partition] ?? CONSOLES.aws}/states/home?region=${region}#/v2/executions/details/${encodeURIComponent(arn)}`,
    };
  const credentials = 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test';
  return { command: `${credentials} aws stepfunctions get-execution-history --region ${region} --endpoint-url ${endpoint} --execution-arn ${arn}` };
}
