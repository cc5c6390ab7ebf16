import { random, shuffled } from './random.ts';

/** One change event that the CPQ sends: the records that it names and how. */
export interface Delivery {
  readonly recordIds: readonly string[];
  readonly change: 'UPDATE' | 'GAP_UPDATE';
  /** Whether it only repeats records that another delivery names too. */
  readonly repeated: boolean;
}

/** Records of one transaction that one event names together, as Change Data Capture merges equal changes. */
const MERGED = 3;
/** Every so manieth event comes as a gap event, without field values. */
const GAP_EVERY = 10;
/** How far an event strays from its place. */
const WINDOW = 5;

/**
 * What a relay makes of the acceptance of `recordIds`: mostly one record an event, here and there three merged into one, some as gap
 * events, a tenth of the records sent twice and neighbours out of order. The same for the same seed.
 */
export function deliveries(recordIds: readonly string[], seed = 2012): Delivery[] {
  const next = random(seed);
  const first: Delivery[] = [];
  for (let at = 0; at < recordIds.length; ) {
    const size = next() < 0.05 ? MERGED : 1;
    first.push({
      recordIds: recordIds.slice(at, at + size),
      change: (first.length + 1) % GAP_EVERY === 0 ? 'GAP_UPDATE' : 'UPDATE',
      repeated: false,
    });
    at += size;
  }
  const twice = shuffled(recordIds, next).slice(0, Math.floor(recordIds.length / 10));
  const all = [...first, ...twice.map((id): Delivery => ({ recordIds: [id], change: 'UPDATE', repeated: true }))];
  const placeOf = (delivery: Delivery): number => first.findIndex((other) => other.recordIds.includes(delivery.recordIds[0] as string));
  return all
    .map((delivery) => ({ delivery, place: placeOf(delivery) + next() * WINDOW * (delivery.repeated ? 2 : 1) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ delivery }) => delivery);
}
