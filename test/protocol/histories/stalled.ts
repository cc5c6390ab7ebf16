import type { Step } from '../../../contracts/workflow.ts';
import { begin, type Event, finish } from './history.ts';
import type { Process } from './scheduler.ts';
import { judge, type Outcome } from './verdict.ts';
import type { Faults } from './world.ts';

const NONE: Faults = { lost: 0, late: 0, refused: 0, unsent: 0, crash: 0, zombie: 0, death: 0, message: 0, echo: 0 };

/** What happens while the function stands still. */
export const MEANWHILE = ['nothing', 'cancel', 'revision', 'correction'] as const;
export type Meanwhile = (typeof MEANWHILE)[number];
const EVENTS: Readonly<Record<Meanwhile, readonly Event[]>> = {
  nothing: [],
  cancel: [{ kind: 'cancel', revision: 1, at: 0 }],
  revision: [{ kind: 'accept', revision: 2, at: 0 }],
  correction: [
    { kind: 'correct', revision: 1, at: 0 },
    { kind: 'wake', revision: 1, at: 0 },
  ],
};

export interface Stall {
  readonly seed: number;
  readonly step: Step;
  /** Before its which call to the outside. */
  readonly call: number;
  readonly meanwhile: Meanwhile;
}

/**
 * One function stands still before one of its calls to the outside, and Lambda does not kill it: it is woken when its successors have
 * brought the order to its end, all looks that were owed included. @returns undefined: the step makes fewer calls
 */
export async function stall({ seed, step, call, meanwhile }: Stall): Promise<Outcome | undefined> {
  const undoing = step === 'void-tax' || step === 'cancel-draft';
  const first: Event[] = [{ kind: 'accept', revision: 1, at: 0 }, ...(undoing ? [{ kind: 'cancel', revision: 1, at: 55 } as const] : [])];
  const history = await begin({ seed, faults: NONE, events: first }, { immortal: true });
  const { world } = history;
  let stalled: Process | undefined;
  world.observers.push((process, action) => {
    if (stalled || action !== step) return;
    stalled = process;
    process.onCall = () => {
      process.stalled = process.calls === call;
    };
  });
  const before = await finish(history, EVENTS[meanwhile]);
  if (!stalled || !world.scheduler.stalled().includes(stalled)) return undefined;
  stalled.stalled = false;
  const after = before && (await finish(history));
  return judge(world, after);
}
