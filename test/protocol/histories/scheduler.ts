import { setImmediate as tick } from 'node:timers/promises';
import { random } from '../../../local/northwind/random.ts';

/** One invocation of a function, or one person: what dies or stalls as a whole. */
export interface Process {
  readonly name: string;
  /** It never goes on: what it was about to do next does not happen. */
  dead: boolean;
  /** It does not go on for now. */
  stalled: boolean;
  /** Calls to the outside so far. */
  calls: number;
  /** Told of each call, before it is made. */
  onCall?: () => void;
}

interface Gate {
  readonly process: Process;
  readonly open: () => void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

export type Scheduler = ReturnType<typeof createScheduler>;

/** Milliseconds that pass at most with each call to the outside. */
const CALL_MS = 250;
const BEGIN = Date.parse('2026-01-05T08:00:00.000Z');

/**
 * Decides which of the processes that are about to call the outside goes on next, and keeps the clock: everything that is random in a
 * history comes from its seed. One call at a time: between two of them every process has run as far as it can.
 */
export function createScheduler(seed: number) {
  const next = random(seed);
  let now = BEGIN;
  let gates: Gate[] = [];
  let timers: Timer[] = [];
  let calls = 0;

  function pass(milliseconds: number): void {
    now += milliseconds;
    const due = timers.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    timers = timers.filter(({ at }) => at > now);
    for (const { fire } of due) fire();
  }

  const draw = (below: number): number => Math.floor(next() * below);

  return {
    now: (): Date => new Date(now),
    calls: (): number => calls,
    /** True with this chance. */
    chance: (share: number): boolean => next() < share,
    draw,
    process: (name: string): Process => ({ name, dead: false, stalled: false, calls: 0 }),
    /** A process is about to call the outside. Of one that died it never comes back. */
    gate(process: Process): Promise<void> {
      process.calls += 1;
      process.onCall?.();
      return new Promise((open) => gates.push({ process, open }));
    },
    /** Whoever is at work never goes on. */
    killAll(): void {
      for (const { process } of gates) process.dead = true;
    },
    /** @returns takes it back */
    at(moment: number, fire: () => void): () => void {
      const timer = { at: moment, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    pass,
    /** Everything goes on until nobody has anything left to do at once: `between` is asked before each call. */
    async settle(between: () => void = () => {}): Promise<void> {
      for (;;) {
        await tick();
        between();
        gates = gates.filter(({ process }) => !process.dead);
        const ready = gates.filter(({ process }) => !process.stalled);
        const gate = ready[draw(ready.length)];
        if (!gate) return;
        gates = gates.filter((other) => other !== gate);
        calls += 1;
        pass(1 + draw(CALL_MS));
        gate.open();
      }
    },
    /** The next moment at which somebody wanted to be called. */
    nextTimer: (): number | undefined => (timers.length === 0 ? undefined : Math.min(...timers.map(({ at }) => at))),
    /** Time passes until then. */
    passUntil(moment: number): void {
      pass(Math.max(0, moment - now));
    },
    stalled: (): Process[] => gates.filter(({ process }) => process.stalled && !process.dead).map(({ process }) => process),
  };
}
