import { Interrupted } from './problem.ts';

/** Where progress is written: a terminal gets one live line that is rewritten, anything else gets a line every 5 s. */
interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export interface Phase {
  /** What is happening now, in a few words. */
  detail(text: string): void;
  /** How far a countable phase is; the time left is estimated from the rate of the last minute. */
  count(done: number, total: number, unit: string): void;
}

interface PhaseOptions {
  /** How long it takes as a rule, e.g. "about 10 s". */
  usually: string;
}

const seconds = (milliseconds: number): string => {
  const all = Math.round(milliseconds / 1000);
  return all < 60 ? `${all} s` : `${Math.floor(all / 60)} min ${String(all % 60).padStart(2, '0')} s`;
};

/** Estimates the time left from the samples of the last minute, so that a slow start does not spoil it. */
export class Estimate {
  readonly #samples: { at: number; done: number }[] = [];

  /** @returns milliseconds left, or undefined while too little is known */
  left(done: number, total: number, now: number): number | undefined {
    this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > 60_000) this.#samples.shift();
    const first = this.#samples[0];
    if (!first || done <= first.done || now - first.at < 1000) return undefined;
    return ((total - done) * (now - first.at)) / (done - first.done);
  }
}

/** Numbered phases of a command: what happens, how far it is, how long it takes as a rule. */
export class Progress {
  readonly #phases: number;
  readonly #output: Output;
  readonly #now: () => number;
  readonly #started: number;
  #number = 0;

  constructor(phases: number, output: Output = process.stdout, now: () => number = Date.now) {
    this.#phases = phases;
    this.#output = output;
    this.#now = now;
    this.#started = now();
  }

  /** A line of its own, between phases. */
  note(text: string): void {
    this.#output.write(`      ${text}\n`);
  }

  elapsed(): string {
    return seconds(this.#now() - this.#started);
  }

  /** Runs one phase. Its failure ends the line and is thrown on. */
  async phase<T>(title: string, options: PhaseOptions, work: (phase: Phase) => Promise<T>): Promise<T> {
    this.#number += 1;
    const name = `[${this.#number}/${this.#phases}] ${title}`;
    const started = this.#now();
    let detail = '';
    this.#output.write(this.#output.isTTY ? `${name} (${options.usually})` : `${name} (${options.usually})\n`);
    const show = () => this.#show(name, `${seconds(this.#now() - started)}${detail && `, ${detail}`}`);
    const ticker = setInterval(show, this.#output.isTTY ? 200 : 5000);
    const estimate = new Estimate();
    try {
      const result = await work({
        detail: (text) => {
          detail = text;
        },
        count: (done, total, unit) => {
          const left = estimate.left(done, total, this.#now());
          detail = `${done} of ${total} ${unit}${left === undefined ? '' : `, about ${seconds(left)} left`}`;
        },
      });
      this.#finish(name, `done in ${seconds(this.#now() - started)}`);
      return result;
    } catch (error) {
      this.#finish(name, `${error instanceof Interrupted ? 'interrupted' : 'failed'} after ${seconds(this.#now() - started)}`);
      throw error;
    } finally {
      clearInterval(ticker);
    }
  }

  #show(name: string, text: string): void {
    if (!this.#output.isTTY) this.#output.write(`      ${text}\n`);
    else this.#output.write(`\r\x1b[K${`${name}: ${text}`.slice(0, (this.#output.columns || 100) - 1)}`);
  }

  #finish(name: string, text: string): void {
    this.#output.write(this.#output.isTTY ? `\r\x1b[K${name}: ${text}\n` : `      ${text}\n`);
  }
}
