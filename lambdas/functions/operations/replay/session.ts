import { type Outcome, type Replay, type Sent, WATCHED } from '../../../domain/replay.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { saveReplay } from '../../../ledger/replays.ts';

/** Milliseconds between two times that the record is written while pages are worked on. */
const SAVE_EVERY_MS = 1000;

const count = <Name extends string>(counts: Readonly<Partial<Record<Name, number>>>, name: Name | undefined): Partial<Record<Name, number>> =>
  name === undefined ? counts : { ...counts, [name]: (counts[name] ?? 0) + 1 };

/** The record of a replay while one invocation works on it. */
export class Session {
  replay: Replay;
  private readonly ledger: Ledger;
  private savedAt = Date.now();
  private saving = Promise.resolve();

  constructor(ledger: Ledger, replay: Replay) {
    this.ledger = ledger;
    this.replay = replay;
  }

  update(change: Partial<Replay>): void {
    this.replay = { ...this.replay, ...change };
  }

  /** Adds what came of some messages, each once. */
  tally(outcomes: readonly Outcome[]): void {
    let { counts, verdicts } = this.replay;
    for (const { outcome, verdict } of outcomes) {
      if (outcome === 'sent again') continue;
      counts = count(counts, outcome);
      verdicts = count(verdicts, outcome === 'not chosen' ? undefined : verdict);
    }
    this.update({ counts, verdicts });
  }

  watch(sent: readonly Sent[]): void {
    this.update({ recent: [...this.replay.recent, ...sent].slice(-WATCHED) });
  }

  /** @throws {LeaseLost} */
  async save(change: Partial<Replay> = {}): Promise<void> {
    this.update(change);
    this.savedAt = Date.now();
    // One after the other: the last that is written is the newest.
    this.saving = this.saving.catch(() => undefined).then(() => saveReplay(this.ledger, this.replay));
    await this.saving;
  }

  /** For people who look on, and to see whether another invocation has taken over. @throws {LeaseLost} */
  async saveNowAndThen(): Promise<void> {
    if (Date.now() - this.savedAt >= SAVE_EVERY_MS) await this.save();
  }
}
