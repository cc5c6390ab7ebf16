import { expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { triesWithin } from '../../contracts/back-off.ts';
import { deadLettersOf, queuesOf } from '../../contracts/queues.ts';
import { exampleConfig, Templates } from './templates.ts';

const config = await exampleConfig();
const local = await loadConfig('local', 'ministack');

const namesIn = (templates: Templates, stage: string): string[] =>
  templates
    .ofType('AWS::SQS::Queue')
    .map(({ resource }) => resource.Properties.QueueName.replace(`quotebridge-${stage}-`, ''))
    .sort();

test.each([
  ['an AWS stage', config],
  ['a laptop', local],
])('%s has the queues that tools, alarms and runbooks know, and no other', (_name, stage) => {
  const known = [...queuesOf(stage.policy), ...deadLettersOf(stage.policy)].map(({ name }) => name);
  expect(namesIn(new Templates(stage), stage.stage)).toEqual(known.sort());
});

test('a queue tries for as long as what it calls may be away, also when its function dies at each try', () => {
  const hours: Record<string, number> = { cpq: 4, 'deliver-billing': 12, 'deliver-cpq': 4, sweep: 0 };
  const sources = new Templates(config).ofType('AWS::SQS::Queue').filter(({ resource }) => resource.Properties.RedrivePolicy);
  for (const { resource } of sources) {
    const { QueueName, RedrivePolicy, VisibilityTimeout } = resource.Properties;
    const { maxReceiveCount } = RedrivePolicy;
    expect(maxReceiveCount, QueueName).toBeGreaterThanOrEqual(triesWithin(3600 * (hours[QueueName.replace('quotebridge-example-', '')] ?? 1)));
    expect(maxReceiveCount * VisibilityTimeout, QueueName).toBeGreaterThanOrEqual(3600);
    // AWS's limit; what is refused for good passes through all of them.
    expect(maxReceiveCount, QueueName).toBeLessThanOrEqual(100);
  }
});
