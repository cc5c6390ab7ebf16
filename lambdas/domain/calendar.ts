import type { WorkingCalendar } from '../../contracts/rules.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Clocks of time zones come from `Intl`, which every Node has with the IANA data in it: `Temporal` is behind a flag in Node 24, and the
 * two questions asked here do not pay for a library. A formatter takes a tenth of a millisecond to make, so it is kept.
 */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const clock = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', hourCycle: 'h23', ...numeric });
  clocks.set(timeZone, clock);
  return clock;
}

/** What the clocks of the zone show at this moment, as milliseconds of a clock without a zone. */
function shownAt(timeZone: string, at: number): number {
  const shown = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<string, number>;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (at % 1000);
}

/**
 * The moment at which the clocks of the zone show this. Of two such moments (clocks set back) the first; where there is none (clocks set
 * forward) as long after the gap as the time is after its begin, as `Temporal` has it.
 */
function momentOf(timeZone: string, shown: number): number {
  const moments = [shown - DAY_MS, shown + DAY_MS].map((near) => shown - (shownAt(timeZone, near) - near));
  const exact = moments.filter((moment) => shownAt(timeZone, moment) === shown);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...moments);
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const isWorkingDay = ({ days, holidays }: WorkingCalendar, date: Date): boolean =>
  days.includes(date.getUTCDay() || 7) && !holidays.includes(date.toISOString().slice(0, 10));

/**
 * When that much working time has passed since `start` (ISO 8601): the first such moment, so the end of a working day rather than the
 * begin of the next. Days are those of the calendar's own time zone; on a day whose clocks are set forward within its hours there is
 * less time to work, and less is counted.
 * @param seconds at most a year, as contracts/rules.ts has it
 */
export function afterWorking(calendar: WorkingCalendar, start: string, seconds: number): string {
  const from = Date.parse(start);
  const { timeZone } = calendar;
  let left = seconds * 1000;
  for (let midnight = Math.floor(shownAt(timeZone, from) / DAY_MS) * DAY_MS; ; midnight += DAY_MS) {
    if (!isWorkingDay(calendar, new Date(midnight))) continue;
    const opens = Math.max(from, momentOf(timeZone, midnight + minutesOf(calendar.from) * MINUTE_MS));
    const closes = momentOf(timeZone, midnight + minutesOf(calendar.to) * MINUTE_MS);
    if (closes - opens >= left) return new Date(opens + left).toISOString();
    left -= Math.max(0, closes - opens);
  }
}

/** Does the group work at this moment (ISO 8601)? */
export const isWorking = (calendar: WorkingCalendar, at: string): boolean => Date.parse(afterWorking(calendar, at, 1)) === Date.parse(at) + 1000;
