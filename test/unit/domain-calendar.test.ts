import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendar, type WorkingCalendar } from '../../contracts/rules.ts';
import { afterWorking } from '../../lambdas/domain/calendar.ts';

const HOUR = 3600;
const office: WorkingCalendar = { timeZone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], from: '08:00', to: '17:00', holidays: [] };
const always: WorkingCalendar = { timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00', holidays: [] };

describe('working time', () => {
  it.each<[string, Partial<WorkingCalendar>, string, number, string]>([
    ['within a day', {}, '2026-01-13T09:00:00.000Z', 2, '2026-01-13T11:00:00.000Z'],
    ['asked before the office opens', {}, '2026-01-13T03:00:00.000Z', 1, '2026-01-13T08:00:00.000Z'],
    ['asked in the evening', {}, '2026-01-13T20:00:00.000Z', 1, '2026-01-14T08:00:00.000Z'],
    ['over the night', {}, '2026-01-13T15:00:00.000Z', 2, '2026-01-14T08:00:00.000Z'],
    ['ends when the office closes, not when it opens again', {}, '2026-01-13T15:00:00.000Z', 1, '2026-01-13T16:00:00.000Z'],
    ['over the weekend', {}, '2026-01-16T15:30:00.000Z', 1, '2026-01-19T07:30:00.000Z'],
    ['over a holiday', { holidays: ['2026-01-14'] }, '2026-01-13T15:30:00.000Z', 1, '2026-01-15T07:30:00.000Z'],
    ['a week of working days', {}, '2026-01-12T07:00:00.000Z', 45, '2026-01-16T16:00:00.000Z'],
    // Germany sets its clocks forward on 2026-03-29 and back on 2026-10-25: 08:00 is 06:00 in UTC afterwards, then 07:00 again.
    ['clocks are set forward between', {}, '2026-03-27T15:00:00.000Z', 2, '2026-03-30T07:00:00.000Z'],
    ['clocks are set back between', {}, '2026-10-23T14:00:00.000Z', 2, '2026-10-26T08:00:00.000Z'],
    ['an hour is missing that night', { from: '00:00', to: '24:00', days: [7] }, '2026-03-28T12:00:00.000Z', 23, '2026-03-29T22:00:00.000Z'],
    ['an hour comes twice that night', { from: '00:00', to: '24:00', days: [7] }, '2026-10-24T12:00:00.000Z', 25, '2026-10-25T23:00:00.000Z'],
    ['opens in the hour that is missing', { from: '02:30', to: '04:00', days: [7] }, '2026-03-28T12:00:00.000Z', 0.5, '2026-03-29T02:00:00.000Z'],
    ['opens in the hour that comes twice', { from: '02:30', to: '04:00', days: [7] }, '2026-10-24T12:00:00.000Z', 0.5, '2026-10-25T01:00:00.000Z'],
    // 02:30 of that night is 00:30 and 01:30 in UTC: the first is meant, whether work begins or ends with it.
    ['closes in the hour that comes twice', { from: '00:00', to: '02:30', days: [7] }, '2026-10-24T12:00:00.000Z', 2.5, '2026-10-25T00:30:00.000Z'],
    ['... and has closed then', { from: '00:00', to: '02:30', days: [7] }, '2026-10-25T00:30:00.000Z', 0.5, '2026-10-31T23:30:00.000Z'],
    // Auckland sets its clocks back on 2026-04-05: 02:30 is 13:30 and 14:30 in UTC, the day before.
    [
      'ahead of UTC',
      { timeZone: 'Pacific/Auckland', from: '02:30', to: '04:00', days: [7] },
      '2026-04-04T00:00:00.000Z',
      0.5,
      '2026-04-04T14:00:00.000Z',
    ],
    ['a zone ahead of UTC, where it is tomorrow already', { timeZone: 'Asia/Tokyo' }, '2026-01-12T23:30:00.000Z', 1, '2026-01-13T00:30:00.000Z'],
    ['a zone with half hours', { timeZone: 'Asia/Kolkata' }, '2026-01-13T00:00:00.000Z', 1, '2026-01-13T03:30:00.000Z'],
  ])('%s', (_what, change, start, hours, expected) => {
    expect(afterWorking({ ...office, ...change }, start, hours * HOUR)).toBe(expected);
  });
});

const QUARTER = 15 * 60_000;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show, by another way of `Intl` than the code under test takes. */
function shown(timeZone: string, at: number): { date: string; time: string; day: number } {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  clocks.set(timeZone, clock);
  const [date = '', time = ''] = clock.format(at).split(' ');
  return { date, time, day: new Date(`${date}T00:00:00Z`).getUTCDay() || 7 };
}

/** One quarter of an hour after the other: is somebody at work? */
function quartersWorked({ timeZone, days, from, to, holidays }: WorkingCalendar, start: number, end: number): number {
  let quarters = 0;
  for (let at = start; at < end; at += QUARTER) {
    const { date, time, day } = shown(timeZone, at);
    if (days.includes(day) && !holidays.includes(date) && time >= from && time < to) quarters++;
  }
  return quarters;
}

const someCalendar = fc
  .record({
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    hours: fc.tuple(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 13, max: 24 })),
    holidays: fc.uniqueArray(fc.constantFrom('2026-03-27', '2026-03-30', '2026-04-01', '2026-04-06'), { maxLength: 3 }),
  })
  .map(({ hours: [from, to], ...rest }) => ({ ...rest, from: `${String(from).padStart(2, '0')}:00`, to: `${to}:00` }));
/** Around the days on which clocks are changed. */
const someStart = fc
  .integer({ min: Date.parse('2026-03-05T00:00Z') / QUARTER, max: Date.parse('2026-04-08T00:00Z') / QUARTER })
  .map((quarter) => quarter * QUARTER);
const someMinutes = fc.integer({ min: 1, max: 2 * 24 * 60 });
const iso = (at: number): string => new Date(at).toISOString();

describe('any calendar', () => {
  it('has counted exactly the working time, and no moment earlier would do', () => {
    fc.assert(
      fc.property(someCalendar, someStart, fc.integer({ min: 1, max: 80 }), (one, start, quarters) => {
        const end = Date.parse(afterWorking(one, iso(start), quarters * 15 * 60));
        expect(quartersWorked(one, start, end)).toBe(quarters);
        expect(quartersWorked(one, start, end - QUARTER)).toBe(quarters - 1);
      }),
      { numRuns: 60 },
    );
  });

  it('comes to the same end in one go and in two', () => {
    fc.assert(
      fc.property(someCalendar, someStart, someMinutes, someMinutes, (one, start, a, b) => {
        expect(afterWorking(one, afterWorking(one, iso(start), a * 60), b * 60)).toBe(afterWorking(one, iso(start), (a + b) * 60));
      }),
    );
  });

  it('is later when it is asked later or for more', () => {
    fc.assert(
      fc.property(someCalendar, someStart, someMinutes, someMinutes, (one, start, minutes, more) => {
        const end = afterWorking(one, iso(start), minutes * 60);
        expect(afterWorking(one, iso(start + more * 60_000), minutes * 60) >= end).toBe(true);
        expect(afterWorking(one, iso(start), (minutes + more) * 60) > end).toBe(true);
        expect(end > iso(start)).toBe(true);
      }),
    );
  });

  it('is the clock on the wall for a group that always works', () => {
    fc.assert(
      fc.property(someStart, someMinutes, (start, minutes) => {
        expect(afterWorking(always, iso(start), minutes * 60)).toBe(iso(start + minutes * 60_000));
      }),
    );
  });

  it('takes no longer than a person waits, for a year in a group that works an hour a week', () => {
    const start = performance.now();
    expect(afterWorking({ ...office, days: [3], from: '08:00', to: '09:00' }, '2026-01-01T00:00:00.000Z', 366 * HOUR)).toBe(
      '2033-01-05T08:00:00.000Z',
    );
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('a calendar of the policy', () => {
  const wrong = (change: object): string[] =>
    calendar.safeParse({ ...office, ...change }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  it('is refused when its zone, its hours or its days make no sense', () => {
    expect(wrong({})).toEqual([]);
    expect(wrong({ timeZone: 'Europe/Atlantis' })).toEqual(['timeZone: expected a time zone such as "Europe/Berlin"']);
    expect(wrong({ from: '17:00', to: '08:00' })).toEqual(['to: expected a time after "from"; a group that works over midnight is two groups']);
    expect(wrong({ to: '25:00' })[0]).toContain('expected a time of day');
    expect(wrong({ days: [] })).toHaveLength(1);
    expect(wrong({ holidays: ['2026-02-30'] })).toHaveLength(1);
  });
});
