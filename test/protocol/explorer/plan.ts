import type { ErrorCode } from '../../../contracts/errors.ts';
import { Stop } from '../../../lambdas/domain/errors.ts';
import { mustGoForward } from '../../../lambdas/domain/forward.ts';
import type { Head } from '../../../lambdas/domain/head.ts';
import { callOf, type Emit, going, orderOf } from './machine.ts';
import { answer, stop } from './workflow.ts';
import type { Call, World } from './world.ts';

const asked = new WeakMap<Head, ErrorCode | undefined>();

/** mustGoForward of the steps: the code with which it stops them. Each HEAD is asked once: exceptions are slow. */
export function blocked(head: Head): ErrorCode | undefined {
  if (!asked.has(head))
    asked.set(
      head,
      codeOf(() => mustGoForward(head)),
    );
  return asked.get(head);
}

function codeOf(check: () => void): ErrorCode | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Stop) return error.code;
    throw error;
  }
}

/** What a step keeps of the HEAD that it read. */
export const known = (head: Head): Partial<Call> => ({
  draft: head.draft?.ref ?? '',
  made: head.draft?.inputs ?? '',
  generation: head.generation,
  unknown: head.everUnknown,
});

/** What a step does next with what it knows: extra drafts first, then a stale one, then its own work. */
export function plan(world: World, i: number, label: string, emit: Emit): void {
  const call = callOf(world, i);
  const go = (patch: Partial<Call>) => emit(going(world, i, { at: 'act', answer: '', ...patch }), label, call.rev, 'system');
  if (call.queue) go({ action: 'cancel-draft', target: call.queue.charAt(0), queue: call.queue.slice(1), stale: false });
  else if (call.step === 'prepare') go({ at: 'probed', action: '', target: '' });
  else if (call.step === 'draft') planDraft(world, i, go, label, emit);
  else if (call.step !== 'confirm') answer(world, i, 'ok', `${label}; nothing is left to do`, emit);
  else if (!call.draft) stop(world, i, 'ERP_DRAFT_LOST', 'there is no draft to confirm', emit);
  else go({ action: 'confirm-order', target: call.draft, stale: false });
}

function planDraft(world: World, i: number, go: (patch: Partial<Call>) => void, label: string, emit: Emit): void {
  const { rev, draft, made, inputs } = callOf(world, i);
  if (draft && made !== inputs) go({ action: 'cancel-draft', target: draft, stale: true });
  else if (!draft) go({ action: 'create-draft', target: '', stale: false });
  else if (world.common.down === 'no calls') stop(world, i, 'ERP_UNAVAILABLE', 'the draft cannot be read back', emit);
  else if (orderOf(world, rev).docs[Number(draft) - 1]?.startsWith('d')) answer(world, i, 'ok', `${label}; the draft is as it should be`, emit);
  else stop(world, i, 'ERP_DRAFT_LOST', 'the draft is no draft any more', emit);
}

/** The step goes on without having tried anything: after the confirm nothing is left to do. */
export function finishedWith(world: World, i: number, label: string, emit: Emit): void {
  const { step } = callOf(world, i);
  if (step === 'confirm') answer(world, i, 'ok', label, emit);
  else plan(world, i, label, emit);
}
