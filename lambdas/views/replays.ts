import { hasEnded, type Replay } from '../domain/replay.ts';

/** Milliseconds after which a replay that nobody has claimed stands still: one whose function died is taken up again before. */
const STILL_MS = 120_000;

/** Nobody goes on with it at present. @param now milliseconds @param after milliseconds that it may stand unclaimed */
export const standsStill = (replay: Pick<Replay, 'status' | 'leaseUntil'>, now: number, after = STILL_MS): boolean =>
  !hasEnded(replay) && now - Date.parse(replay.leaseUntil) > after;

/** Under way, or ended since then without having come to its end: what somebody may have to go on with. */
export const needsLook = (replay: Replay, since: Date): boolean =>
  !hasEnded(replay) || (replay.status !== 'done' && (replay.endedAt ?? replay.createdAt) >= since.toISOString());
