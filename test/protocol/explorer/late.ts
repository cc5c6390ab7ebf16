import type { Head } from '../../../lambdas/domain/head.ts';
import { extras, type Found } from '../../../lambdas/domain/protocol/index.ts';
import { callOf, type Emit, foundIn, going, headOf, type Machine, orderOf, runOf, written } from './machine.ts';
import { known, plan } from './plan.ts';
import type { World } from './world.ts';

/** The drafts that are seen and that HEAD does not name are to be cancelled; but first one that the order may still want. */
export function tidyUp(machine: Machine, world: World, i: number, named: string | undefined, label: string, emit: Emit): void {
  const call = callOf(world, i);
  const all = foundIn(orderOf(world, call.rev).docs);
  const queue = extras({ draft: named === undefined ? undefined : { ref: named } } as Head, all).map(({ ref }) => ref);
  const head = headOf(machine, world, call.rev);
  const late = all.find((found) => machine.rules.adoptDraft(head, runOf(call), found).answer === 'adopted');
  const looked = going(world, i, { queue: queue.join('') });
  if (late) emit(going(looked, i, { at: 'late', target: late.ref }), `${label}; a draft landed late`, call.rev, 'system');
  else plan(looked, i, label, emit);
}

/** It is adopted as it was seen, or cancelled with the others if HEAD has moved on. */
export function adoptLate(machine: Machine, world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  const { rev, target, queue } = call;
  const found: Found = { ...(foundIn(orderOf(world, rev).docs)[Number(target) - 1] as Found), status: 'draft' };
  const step = machine.heads.change(orderOf(world, rev).head, `adopt late ${target} ${found.generation} ${runOf(call)}`, (head) =>
    machine.rules.adoptDraft(head, runOf(call), found),
  );
  const left = step.answer === 'adopted' ? { ...known(machine.heads.get(step.head)), queue: queue.replace(target, '') } : {};
  plan(going(written(machine, world, rev, step), i, { target: '', ...left }), i, `the late draft is ${step.answer}`, emit);
}
