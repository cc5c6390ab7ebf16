import { userInfo } from 'node:os';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LOCAL_STAGE } from '../lambdas/views/defaults.ts';
import { Refused } from './failure.ts';
import type { ClientOptions } from './where.ts';

/** The user of this machine; one without a name, as in containers, by number. */
function userOfMachine(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
    return `cli:uid-${process.getuid?.()}`;
  }
}

/** The ARN that AWS knows the caller's credentials by; it needs no permission. @throws {Refused} */
async function callerOf(sts: Pick<STSClient, 'send'>): Promise<string> {
  const cure = 'aws sts get-caller-identity    has to answer with the same credentials; log in again if it does not';
  const { Arn } = await sts.send(new GetCallerIdentityCommand({})).catch((error: Error) => {
    throw new Refused(`AWS does not say whose credentials these are (${error.name}), so nothing is written in anybody's name.`, cure, {
      cause: error,
    });
  });
  if (Arn) return Arn;
  throw new Refused("AWS does not say whose credentials these are, so nothing is written in anybody's name.", cure);
}

/**
 * Who runs a command, as the ledger keeps it: on a laptop the user of the machine, on AWS the identity of the credentials that the command
 * works with. Asked when a command first needs it, and once.
 */
export function actorOf(
  stage: string,
  client: ClientOptions,
  sts: () => Pick<STSClient, 'send'> = () => new STSClient(client),
): () => Promise<string> {
  let asked: Promise<string> | undefined;
  return () => {
    asked ??= stage === LOCAL_STAGE ? Promise.resolve(userOfMachine()) : callerOf(sts());
    return asked;
  };
}
