import {
  type Call,
  type Common,
  type Flight,
  nameOfCall,
  nameOfCommon,
  nameOfFlight,
  nameOfOrder,
  nameOfStarter,
  type Order,
  type Starter,
  type World,
} from './world.ts';

/** Equal values have one number and one object; most states share most of their parts. */
function interned<T extends object>(nameOf: (value: T) => string) {
  const values: T[] = [];
  const byName = new Map<string, number>();
  /** Only of the objects in `values`: those that a step has just made are looked up by name. */
  const known = new WeakMap<T, number>();
  return {
    numberOf(value: T): number {
      const at = known.get(value);
      if (at !== undefined) return at;
      const name = nameOf(value);
      let number = byName.get(name);
      if (number === undefined) {
        number = values.push(value) - 1;
        byName.set(name, number);
        known.set(value, number);
      }
      return number;
    },
    get: (number: number): T => values[number] as T,
  };
}

/** Numbers of a state: what is common, how many calls and flights, one for each order, call, flight and starter. Eleven are the mean of the largest scopes. */
const WORDS = 11;
const MOST_WORDS = 64;

const mixed = (hash: number, word: number): number => {
  const h = Math.imul(hash ^ word, 0x85ebca6b);
  return (h ^ (h >>> 13)) | 0;
};

/** Ascending, in place: few numbers, often none. */
function sort(words: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const word = words[i] as number;
    let k = i - 1;
    for (; k >= from && (words[k] as number) > word; k--) words[k + 1] = words[k] as number;
    words[k + 1] = word;
  }
}

/**
 * Every state that was met, once, as a row of numbers of its parts: 30 to 50 bytes each, compared exactly and not by hash alone. The
 * arrays are as large as `most` states need; the system gives memory only to what is written.
 */
export function createStore(most: number, revisions: number) {
  const [commons, orders] = [interned<Common>(nameOfCommon), interned<Order>(nameOfOrder)];
  const [calls, flights, starters] = [interned<Call>(nameOfCall), interned<Flight>(nameOfFlight), interned<Starter>(nameOfStarter)];
  const rows = new Int32Array(most * WORDS);
  const begins = new Int32Array(most + 1);
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(most * 1.6)));
  const scratch = new Int32Array(MOST_WORDS);
  let size = 0;

  /** The order of calls and flights does not count. */
  function encode(world: World): number {
    scratch[0] = commons.numberOf(world.common);
    scratch[1] = world.calls.length * MOST_WORDS + world.flights.length;
    let n = 2;
    for (const order of world.orders) scratch[n++] = orders.numberOf(order);
    const first = n;
    for (const call of world.calls) scratch[n++] = calls.numberOf(call);
    sort(scratch, first, n);
    const second = n;
    for (const flight of world.flights) scratch[n++] = flights.numberOf(flight);
    sort(scratch, second, n);
    const third = n;
    for (const starter of world.starters) scratch[n++] = starters.numberOf(starter);
    sort(scratch, third, n);
    return n;
  }

  function equal(number: number, length: number): boolean {
    const begin = begins[number] as number;
    if ((begins[number + 1] as number) - begin !== length) return false;
    for (let k = 0; k < length; k++) if (rows[begin + k] !== scratch[k]) return false;
    return true;
  }

  /** Where the encoded state stands in `slots`, or would. */
  function slotOf(length: number): number {
    let hash = length;
    for (let k = 0; k < length; k++) hash = mixed(hash, scratch[k] as number);
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 16)) & mask;
    for (let found = slots[slot] as number; found !== 0; found = slots[slot] as number) {
      if (equal(found - 1, length)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  return {
    size: () => size,
    full: () => size >= most || (begins[size] as number) + MOST_WORDS > rows.length,
    /** The number of this state; -1: it was not met yet. */
    find(world: World): number {
      return (slots[slotOf(encode(world))] as number) - 1;
    },
    /** The number of this state, from 0 in the order in which they are met; `added` is told of a new one. */
    add(world: World, added: (number: number) => void): number {
      const length = encode(world);
      const slot = slotOf(length);
      const found = slots[slot] as number;
      if (found !== 0) return found - 1;
      const begin = begins[size] as number;
      for (let k = 0; k < length; k++) rows[begin + k] = scratch[k] as number;
      size += 1;
      begins[size] = begin + length;
      slots[slot] = size;
      added(size - 1);
      return size - 1;
    },
    get(number: number): World {
      let at = begins[number] as number;
      const end = begins[number + 1] as number;
      const world = {
        common: commons.get(rows[at] as number),
        orders: [] as Order[],
        calls: [] as Call[],
        flights: [] as Flight[],
        starters: [] as Starter[],
        wrong: '',
      };
      const [many, flying] = [Math.floor((rows[at + 1] as number) / MOST_WORDS), (rows[at + 1] as number) % MOST_WORDS];
      at += 2;
      for (let n = 0; n < revisions; n++) world.orders.push(orders.get(rows[at++] as number));
      for (let n = 0; n < many; n++) world.calls.push(calls.get(rows[at++] as number));
      for (let n = 0; n < flying; n++) world.flights.push(flights.get(rows[at++] as number));
      while (at < end) world.starters.push(starters.get(rows[at++] as number));
      return world;
    },
  };
}

export type Store = ReturnType<typeof createStore>;
