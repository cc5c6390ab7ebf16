import { ExecutionDoesNotExist, GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';

/** One task of an execution. Times are ISO 8601. */
export interface StepTiming {
  /** The state's name; undefined where the cloud's history does not say it (MiniStack, inside of a Parallel). */
  readonly name: string | undefined;
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  /** How often the function was called. */
  readonly calls: number;
  /** Name of the error of the last call, if it failed. */
  readonly error?: string | undefined;
}

export interface ExecutionTiming {
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  readonly steps: readonly StepTiming[];
  /** The history is longer than what was read. */
  readonly more: boolean;
}

/** One page of a history: about three times what a run without retries has. */
const EVENTS = 300;

type Growing = { -readonly [K in keyof StepTiming]: StepTiming[K] };

/** What one event says of the step that is under way; steps come one after the other. */
function follow(
  steps: Growing[],
  { type, timestamp, stateEnteredEventDetails, taskFailedEventDetails, taskTimedOutEventDetails }: HistoryEvent,
): void {
  const at = timestamp?.toISOString() ?? '';
  const last = steps.at(-1);
  const current = last && (last.endedAt === undefined || last.error !== undefined) ? last : undefined;
  if (type === 'TaskStateEntered') steps.push({ name: stateEnteredEventDetails?.name, startedAt: at, calls: 0 });
  else if (type === 'TaskScheduled' && current?.name !== undefined)
    Object.assign(current, { calls: current.calls + 1, endedAt: undefined, error: undefined });
  else if (type === 'TaskScheduled') steps.push({ name: undefined, startedAt: at, calls: 1 });
  else if (type === 'TaskSucceeded' && current) current.endedAt = at;
  else if ((type === 'TaskFailed' || type === 'TaskTimedOut') && current)
    Object.assign(current, { endedAt: at, error: (taskFailedEventDetails ?? taskTimedOutEventDetails)?.error ?? type });
}

/** Steps, beginning and end as a history tells them. */
export function timingOf(events: readonly HistoryEvent[], more = false): ExecutionTiming | undefined {
  const [first, last] = [events[0], events.at(-1)];
  if (!first?.timestamp) return undefined;
  const steps: Growing[] = [];
  for (const event of events) follow(steps, event);
  const ended = /^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(last?.type ?? '');
  return { startedAt: first.timestamp.toISOString(), endedAt: ended ? last?.timestamp?.toISOString() : undefined, steps, more };
}

/** Reads when the steps of an execution ran; undefined: the cloud keeps no history of it (any more). */
export const executionTimings =
  (client: SFNClient) =>
  async (executionArn: string): Promise<ExecutionTiming | undefined> => {
    try {
      const { events = [], nextToken } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: EVENTS }));
      return timingOf(events, nextToken !== undefined);
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  };
