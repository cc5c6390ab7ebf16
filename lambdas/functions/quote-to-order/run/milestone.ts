import type { Milestone } from '../../../../contracts/events.ts';
import type { RunDeps } from './deps.ts';

interface MilestoneEvent {
  readonly type: string;
  readonly tenant: string;
  readonly data: { readonly quote: { readonly cpq: string; readonly id: string; readonly revision: number }; readonly at: string };
}

/** What the CPQ did with a quote before it was accepted, mirrored on QUOTE. */
export async function milestone({ ledger }: RunDeps, event: MilestoneEvent): Promise<void> {
  const { quote, at } = event.data;
  const name = event.type.split('.')[1] as Milestone;
  await ledger.milestone(event.tenant, quote.cpq, quote.id, name, quote.revision, new Date(at).toISOString());
}
