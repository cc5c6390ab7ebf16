import type { Head } from '../../../lambdas/domain/head.ts';
import { decideOutcome } from '../../../lambdas/domain/protocol/index.ts';
import { begin, finish, headsOf, keyOf } from './history.ts';
import { judge, type Outcome } from './verdict.ts';
import { ERP, type Faults, type Hands, type World } from './world.ts';

const NONE: Faults = { lost: 0, late: 0, refused: 0, unsent: 0, crash: 0, zombie: 0, death: 0, message: 0, echo: 0 };
const ORDER = keyOf(1);

/** A draft that nobody knows of stands in the ERP, and the function that made it says so at last: news, with a look that is owed. */
async function comesBack({ erp }: World, { ledger, send }: Hands): Promise<void> {
  const total = { amount: '11.90', currency: 'EUR' };
  const draft = { ref: String(erp.documents.length + 1), key: `${ORDER}.0`, inputs: 'long ago', total };
  erp.documents.push({ ...draft, number: undefined, status: 'draft', orderKey: ORDER, erp: ERP });
  const done = { kind: 'done', done: { action: 'create-draft', draft } } as const;
  await ledger.change<unknown>(ORDER, (head: Head, now) => decideOutcome(head, 'an attempt of long ago', done, now));
  await send({ orderKey: ORDER });
}

/**
 * An order waits for a person. Then, all at once: two people answer, in every other schedule somebody cancels it, a function of long ago comes back with a draft,
 * and messages ask for runs of which one dies and goes on as a zombie beside the next. The seed draws who goes first at each step.
 */
export async function crowd(seed: number): Promise<Outcome> {
  const faults = { ...NONE };
  const history = await begin({
    seed,
    faults,
    events: [{ kind: 'accept', revision: 1, at: 0 }],
  });
  const { world } = history;
  // In every third schedule it is a question that all orders of the customer share.
  world.erp.sell(ERP, seed % 3 === 0 ? 'not to the customer' : 'nothing');
  const waits = await finish(history);
  if (!waits || headsOf(world)[0]?.wait?.kind !== 'person') throw new Error('the order does not wait for a person');
  world.erp.sell(ERP, 'all');
  Object.assign(world.faults, { lost: 1, late: 1, crash: 2, zombie: 2, death: 2, echo: 1 } satisfies Partial<Faults>);
  world.insist('a function of long ago', (hands) => comesBack(world, hands));
  for (let n = 0; n < 2; n++) world.message(ORDER);
  history.left.push({ event: { kind: 'decide', revision: 1, at: 0 }, n: 0 }, { event: { kind: 'decide', revision: 1, at: 0 }, n: 3 });
  if (seed % 2 === 0) history.left.push({ event: { kind: 'cancel', revision: 1, at: world.scheduler.calls() + (seed % 90) }, n: 2 });
  return judge(world, await finish(history));
}
