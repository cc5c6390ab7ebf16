import * as z from 'zod';
import type { Policy } from '../../../../contracts/policy.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';

const endpoint = z.object({ url: z.url(), signingSecret: z.string().min(16) });
export type Endpoint = z.infer<typeof endpoint>;

/** Where the events of a subscriber go, by its secret. @throws VendorError SUBSCRIBER_NOT_CONFIGURED: nobody can be called, and it may be put right */
export async function readEndpoint(
  subscribers: Policy['subscribers'],
  subscriber: string,
  get: (name: string) => Promise<unknown>,
): Promise<Endpoint> {
  const wrong = (detail: string) => new VendorError('SUBSCRIBER_NOT_CONFIGURED', 'not-sent', detail);
  const name = subscribers[subscriber]?.secretName;
  if (name === undefined) throw wrong(`the policy has no subscriber ${subscriber}`);
  const secret = await get(name).catch((error: Error) => {
    throw wrong(`secret ${name} cannot be read: ${error.name}`);
  });
  const result = endpoint.safeParse(secret);
  if (!result.success) throw wrong(`secret ${name} is not {"url","signingSecret"}`);
  return result.data;
}
