import type { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { actorOf } from '../../cli/actor.ts';

const ARN = 'arn:aws:sts::111122223333:assumed-role/Finance/ann@example.com';
const client = { region: 'eu-central-1' };

/** An STS that answers this, and counts how often it was made and asked. */
function stsThat(answer: { Arn?: string } | Error) {
  const counted = { made: 0, asked: 0 };
  const send = async () => {
    counted.asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const make = () => {
    counted.made += 1;
    return { send } as unknown as STSClient;
  };
  return { counted, make };
}

describe('who runs a command', () => {
  it('is on a laptop the user of the machine, and AWS is not asked', async () => {
    const { counted, make } = stsThat({ Arn: ARN });
    expect(await actorOf('local', client, make)()).toMatch(/^cli:./);
    expect(counted).toEqual({ made: 0, asked: 0 });
  });

  it('is on AWS the identity of the credentials, asked when it is needed and once', async () => {
    const { counted, make } = stsThat({ Arn: ARN });
    const actor = actorOf('prod', client, make);
    expect(counted.made).toBe(0);
    expect([await actor(), await actor()]).toEqual([ARN, ARN]);
    expect(counted).toEqual({ made: 1, asked: 1 });
  });

  it.each([Object.assign(new Error('The security token is expired'), { name: 'ExpiredToken' }), {}])(
    'is nobody when AWS does not say: %o',
    async (answer) => {
      const asked = actorOf('prod', client, stsThat(answer).make)();
      await expect(asked).rejects.toMatchObject({ name: 'Refused', cure: expect.stringContaining('aws sts get-caller-identity') });
      await expect(asked).rejects.toThrow('does not say whose credentials');
    },
  );
});
