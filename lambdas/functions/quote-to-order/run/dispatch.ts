import * as z from 'zod';
import { quoteAccepted, quoteApproved, quoteCreated, quoteRejected, quoteSubmitted } from '../../../../contracts/events.ts';
import { runMessage } from '../../../../contracts/workflow.ts';
import { accept } from './accept.ts';
import type { RunDeps } from './deps.ts';
import { milestone } from './milestone.ts';
import { start } from './start.ts';

const fromBus = z.object({ 'detail-type': z.string(), detail: z.unknown() });
const milestones = z.union([quoteCreated.schema, quoteSubmitted.schema, quoteApproved.schema, quoteRejected.schema]);

/** The RUN queue carries two shapes: quote events of the business bus, and the small message that asks for a run. */
export async function dispatch(deps: RunDeps, body: unknown): Promise<void> {
  const event = fromBus.safeParse(body);
  if (!event.success) return start(deps, runMessage.parse(body).orderKey);
  if (event.data['detail-type'] === quoteAccepted.type) return accept(deps, quoteAccepted.schema.parse(event.data.detail));
  return milestone(deps, milestones.parse(event.data.detail));
}
