import fc from 'fast-check';
import type { Event, EventKind, Plan } from './history.ts';

const at = fc.nat({ max: 250 });
const KINDS: EventKind[] = [
  'accept',
  'cancel',
  'cancel',
  'correct',
  'withdraw',
  'decide',
  'decide',
  'decide',
  'approve',
  'approve',
  'reverse',
  'wake',
  'block',
  'unblock',
];
const event = fc.record({ kind: fc.constantFrom(...KINDS), revision: fc.integer({ min: 1, max: 3 }), at }) as fc.Arbitrary<Event>;
const accepted = fc.tuple(at, at, at).map((times) => times.map((time, n): Event => ({ kind: 'accept', revision: n + 1, at: time })));
/** The ERP stops to sell to the customer, the newest revision runs again, and somebody sends the order that waits for that to the other ERP. */
const elsewhere = fc.tuple(at, at).map(([time, more]): Event[] => [
  { kind: 'block', revision: 1, at: time },
  { kind: 'wake', revision: 3, at: time },
  { kind: 'reroute', revision: 3, at: time + more },
]);

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
  events: fc
    .tuple(accepted, fc.oneof(fc.constant([]), fc.constant([]), elsewhere), fc.array(event, { maxLength: 8 }))
    .map(([first, sent, then]) => [...first, ...sent, ...then]),
});
