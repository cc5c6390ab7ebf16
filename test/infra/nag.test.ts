import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { compose, exampleConfig } from './templates.ts';

const config = await exampleConfig();

test('cdk-nag AwsSolutions finds nothing that is not explained', () => {
  expect(() => compose(config).synth()).not.toThrow();
});

test('it would find something: a queue without TLS fails the synthesis', () => {
  const app = compose(config);
  const [stack] = app.node.children;
  if (!stack) throw new Error('there is no stack');
  new Queue(stack, 'careless', { queueName: 'quotebridge-example-careless' });
  expect(() => app.synth()).toThrow(/validation/i);
});

test('at most fourteen findings are accepted, each at one resource and with a reason', () => {
  const accepted = compose(config)
    .node.findAll()
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules'))
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
  expect(accepted.length).toBeGreaterThan(0);
  expect(accepted.length).toBeLessThanOrEqual(14);
  for (const [rule, reason] of accepted) expect(reason, rule).toMatch(/^.{40,}\.$/);
});
