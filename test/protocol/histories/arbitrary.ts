import fc from 'fast-check';
import type { Event, EventKind, Plan } from './history.ts';

const at = fc.nat({ max: 250 });
const KINDS: EventKind[] = ['accept', 'cancel', 'cancel', 'correct', 'withdraw', 'decide', 'decide', 'decide', 'reverse', 'wake', 'block', 'unblock'];
const event = fc.record({ kind: fc.constantFrom(...KINDS), revision: fc.integer({ min: 1, max: 3 }), at }) as fc.Arbitrary<Event>;
const accepted = fc.tuple(at, at, at).map((times) => times.map((time, n): Event => ({ kind: 'accept', revision: n + 1, at: time })));

/** Three revisions in any order, some of them twice, and whatever people do meanwhile; vendors, functions, executions and messages fail. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  faults: fc.record({
    lost: fc.nat({ max: 2 }),
    late: fc.nat({ max: 2 }),
    refused: fc.nat({ max: 1 }),
    unsent: fc.nat({ max: 3 }),
    crash: fc.nat({ max: 4 }),
    zombie: fc.nat({ max: 3 }),
    death: fc.nat({ max: 2 }),
    message: fc.nat({ max: 4 }),
    echo: fc.nat({ max: 3 }),
  }),
  events: fc.tuple(accepted, fc.array(event, { maxLength: 8 })).map(([first, then]) => [...first, ...then]),
});
