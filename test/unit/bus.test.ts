import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import { publisher } from '../../lambdas/aws/bus.ts';

const event = (n: number): CloudEvent<unknown> => ({
  specversion: '1.0',
  id: `event-${n}`,
  source: 'quotebridge',
  type: 'order.accepted.v1',
  time: '2026-01-01T12:00:00.000Z',
  tenant: 'acme',
  data: { n },
});

/** A bus that answers its calls in turn, then takes everything. */
function bus(...answers: object[]) {
  const calls: PutEventsCommand['input'][] = [];
  const client = {
    send: async ({ input }: PutEventsCommand) => {
      calls.push(input);
      return answers.shift() ?? { FailedEntryCount: 0 };
    },
  } as unknown as EventBridgeClient;
  return { publish: publisher('business', client), calls };
}

describe('publishing on a bus', () => {
  it('puts the whole CloudEvent into detail; source and detail-type are its own', async () => {
    const { publish, calls } = bus();
    await publish([event(1)]);
    expect(calls).toEqual([
      {
        Entries: [
          {
            EventBusName: 'business',
            Source: 'quotebridge',
            DetailType: 'order.accepted.v1',
            Detail: JSON.stringify(event(1)),
            Time: new Date(event(1).time),
          },
        ],
      },
    ]);
  });

  it('puts 10 entries a call, all of them, in their order', async () => {
    const { publish, calls } = bus();
    await publish(Array.from({ length: 21 }, (_, n) => event(n)));
    expect(calls.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 1]);
    const ids = calls.flatMap(({ Entries }) => (Entries ?? []).map(({ Detail }) => JSON.parse(Detail ?? '{}').id));
    expect(ids).toEqual(Array.from({ length: 21 }, (_, n) => `event-${n}`));
  });

  it('an entry that was refused is an exception, although the call succeeded', async () => {
    const refusal = { FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException' }] };
    await expect(bus(refusal).publish([event(1), event(2)])).rejects.toMatchObject({
      name: 'PublishRefused',
      message: '1 of 2 entries refused: ThrottlingException',
    });
  });
});
