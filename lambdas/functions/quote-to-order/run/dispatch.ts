import * as z from 'zod';
import {
  QUOTE_EVENTS,
  quoteAccepted,
  quoteApproved,
  quoteCreated,
  quoteExpired,
  quoteRejected,
  quoteSubmitted,
  quoteWithdrawn,
} from '../../../../contracts/events.ts';
import { runMessage } from '../../../../contracts/workflow.ts';
import { definitionOf } from '../../../domain/event-type.ts';
import { parsed } from '../../../domain/rejected.ts';
import { accept } from './accept.ts';
import type { RunDeps } from './deps.ts';
import { milestone } from './milestone.ts';
import { start } from './start.ts';
import { withdraw } from './withdraw.ts';

const fromBus = z.object({ 'detail-type': z.string(), detail: z.unknown() });
const milestones = z.union([quoteCreated.schema, quoteSubmitted.schema, quoteApproved.schema, quoteRejected.schema, quoteExpired.schema]);

/** The RUN queue carries two shapes: quote events of the business bus, and the small message that asks for a run. */
export async function dispatch(deps: RunDeps, body: unknown): Promise<void> {
  const event = fromBus.safeParse(body);
  if (!event.success) return start(deps, parsed(runMessage, body).orderKey);
  const { 'detail-type': type, detail } = event.data;
  const definition = definitionOf(QUOTE_EVENTS, type);
  if (definition === quoteAccepted) return accept(deps, parsed(quoteAccepted.schema, detail));
  if (definition === quoteWithdrawn) return withdraw(deps, parsed(quoteWithdrawn.schema, detail));
  return milestone(deps, parsed(milestones, detail));
}
