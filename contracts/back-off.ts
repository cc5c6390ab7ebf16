/** Longest and shortest wait between two tries of one message, in seconds. */
export const LONGEST_WAIT = 900;
const SHORTEST_WAIT = 5;

/** Seconds until the next try: a message waits as long again as it is old, so an outage is followed by at most as long a wait, and at most by 15 minutes. */
export const waitAt = (ageSeconds: number): number => Math.max(SHORTEST_WAIT, Math.min(LONGEST_WAIT, Math.floor(ageSeconds)));

/** Tries that it takes until a message is so old: 57 for 12 hours. */
export function triesWithin(seconds: number): number {
  let tries = 1;
  for (let age = 0; age < seconds; age += waitAt(age)) tries++;
  return tries;
}
