import type { Replay } from '../domain/replay.ts';
import { commandLine } from '../views/next-command.ts';
import { needsLook, standsStill } from '../views/replays.ts';
import { count, shortened } from '../views/text.ts';
import { type Content, html } from './html.ts';
import { ago, badge, command, table } from './parts.ts';

const DAY_MS = 86_400_000;

const COLUMNS = [{ title: 'Replay' }, { title: 'Queue' }, { title: 'Status' }, { title: 'By' }, { title: 'Begun' }, { title: 'Why' }];

function row(replay: Replay, now: Date): Content[] {
  const { id, queue, by, reason, dryRun, status, createdAt, why } = replay;
  const still = standsStill(replay, now.getTime());
  return [
    html`<b>${id}</b><br><span class="small soft">${dryRun && 'dry run: '}${shortened(reason)}</span>`,
    queue,
    badge(still ? 'stands still' : status),
    by,
    ago(createdAt, now),
    still ? 'Nobody goes on with it.' : why,
  ];
}

/** Replays that are under way, and those of the period that did not come to their end. */
export function replaysPart(all: readonly Replay[], days: number, stage: string, now: Date): Content {
  const shown = all.filter((replay) => needsLook(replay, new Date(now.getTime() - days * DAY_MS)));
  if (shown.length === 0) return html`<p>${badge('empty')} No replay is under way, and none of the last ${count(days, 'day')} stopped or failed.</p>`;
  return [
    table({ id: 'replays-table', caption: 'Replays under way, stopped or failed', columns: COLUMNS, rows: shown.map((replay) => row(replay, now)) }),
    html`<p>What came of each message, and how to go on:</p>`,
    shown.map(({ id }) => command(commandLine(`replays show ${id}`, stage))),
  ];
}
