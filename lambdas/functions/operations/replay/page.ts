import type { Message } from '@aws-sdk/client-sqs';
import type { DeadLetterDefinition } from '../../../../contracts/queues.ts';
import { rawMessage } from '../../../aws/queues.ts';
import { matches, type Outcome, type OutcomeKind, type Replay } from '../../../domain/replay.ts';
import { type DeadLetter, deadLetters } from '../../../ledger/dead-letters.ts';
import { writeOutcomes } from '../../../ledger/replay-outcomes.ts';
import type { ReplayDeps } from './deps.ts';

/** Seconds that a message stays hidden that is left where it is, so that it does not come round again; the end of the replay shows it. */
const HELD_SECONDS = 3600;

interface Held {
  readonly message: Message;
  readonly letter: DeadLetter;
  outcome: OutcomeKind;
}

function decide({ filter, dryRun, startedAt = '', resumed }: Replay, letter: DeadLetter): OutcomeKind {
  if (!matches(filter, letter)) return 'not chosen';
  // What comes back while the replay is at work has failed again; to send it once more would make one illness look like many.
  const begun = resumed?.at(-1)?.at ?? startedAt;
  if (letter.failure && letter.failure.lastAt > begun) return 'not chosen';
  if (dryRun) return 'looked at';
  return letter.verdict.verdict === 'would be refused' ? 'refused' : 'sent';
}

/** Sends what is to be sent, each to the queue that it was for. What SQS did not take stays where it is. */
async function send({ queues }: ReplayDeps, page: readonly Held[]): Promise<void> {
  const chosen = page.filter(({ outcome }) => outcome === 'sent');
  for (const [target = '', group] of Map.groupBy(chosen, ({ letter }) => letter.target)) {
    const outgoing = group.map(({ message, letter }) => ({ body: letter.body, attributes: ownAttributes(message) }));
    const taken = await queues.sendAll(target, outgoing);
    for (const [at, one] of group.entries()) if (!taken.has(at)) one.outcome = 'not sent';
  }
}

/** Those that EventBridge has written say why it gave up; they are not the message's own. */
function ownAttributes({ MessageAttributes }: Message): Message['MessageAttributes'] {
  return MessageAttributes && 'TARGET_ARN' in MessageAttributes ? {} : MessageAttributes;
}

const outcomeOf = ({ message, letter, outcome }: Held, at: string): Outcome => ({
  ...{ id: letter.id, outcome, at, failure: letter.failure?.code, failureId: letter.failureId },
  ...(outcome === 'not chosen' ? {} : letter.verdict),
  ...{ tenant: letter.tenant, orderKey: letter.orderKey, correlationId: letter.correlationId },
  handle: outcome === 'sent' ? undefined : message.ReceiptHandle,
});

/**
 * Up to a hundred messages: what is known of each, whether it goes, what came of it. First sent, then written down, then deleted: whoever dies
 * in between leaves a message that comes back and goes out twice, which is harmless, and none that is lost or without an outcome.
 */
export async function handlePage(
  deps: ReplayDeps,
  replay: Replay,
  queue: DeadLetterDefinition,
  messages: readonly Message[],
  pace: (count: number) => Promise<void>,
): Promise<Outcome[]> {
  const letters = await deadLetters(deps, queue, messages.map(rawMessage));
  const page = letters.map((letter, at): Held => ({ message: messages[at] ?? {}, letter, outcome: decide(replay, letter) }));
  await pace(page.filter(({ outcome }) => outcome === 'sent').length);
  // Taken before: a consumer may note a failure while we are still sending.
  const at = deps.ledger.stamp();
  await send(deps, page);
  const outcomes = page.map((one) => outcomeOf(one, at));
  await writeOutcomes(deps.ledger, replay.id, outcomes);
  const handles = (of: (held: Held) => boolean) => page.filter(of).map(({ message }) => message.ReceiptHandle ?? '');
  await Promise.all([
    deps.queues.remove(
      queue.name,
      handles(({ outcome }) => outcome === 'sent'),
    ),
    deps.queues.hide(
      queue.name,
      handles(({ outcome }) => outcome !== 'sent'),
      HELD_SECONDS,
    ),
  ]);
  return outcomes;
}
