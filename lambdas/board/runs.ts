import { instant } from '../views/text.ts';
import { type Content, type Html, html } from './html.ts';
import type { Happening, RunPart } from './waterfall.ts';

/** Width of a drawing; it is stretched to its place. */
const WIDTH = 1000;

/** `0.42 s`, `3.9 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function span(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** Where in its run something was: the text beside it says the same. */
function bar({ kind, at, until, failed }: Happening, part: RunPart): Html {
  const [start, end] = [Date.parse(part.startedAt), Date.parse(part.endedAt)];
  const place = (iso: string) => (end === start ? 0 : Math.round(((Date.parse(iso) - start) / (end - start)) * WIDTH));
  const x = place(at);
  const shape =
    kind === 'fact'
      ? html`<rect class="fact" x="${Math.min(Math.max(x - 6, 0), WIDTH - 12)}" y="0" width="12" height="12"/>`
      : html`<rect class="step${failed && ' failed'}" x="${Math.min(x, WIDTH - 8)}" y="2" width="${Math.max(8, place(until ?? part.endedAt) - x)}" height="8"/>`;
  return html`<svg viewBox="0 0 ${WIDTH} 12" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" x="0" y="5" width="${WIDTH}" height="2"/>${shape}</svg>`;
}

const took = ({ kind, at, until }: Happening): string | false =>
  kind === 'step' && (until === undefined ? 'not ended, or its end is not recorded' : `took ${span(at, until)}`);

function known({ sequence, behind }: Happening): Content {
  if (sequence === undefined || behind === undefined) return undefined;
  return behind.length === 0
    ? '· all subscribers have it'
    : html`· <span class="badge warn"><span aria-hidden="true">!</span> behind: ${behind.join(', ')}</span>`;
}

function line(happening: Happening, part: RunPart): Html {
  const { at, text, detail, sequence, type, actor } = happening;
  const about = [detail, took(happening), type && `fact ${sequence} ${type} by ${actor}`].filter(Boolean).join(' · ');
  return html`<li><span class="time"><span class="unseen">after </span>+${span(part.startedAt, at)}</span><div>${
    sequence === undefined ? text : html`<b>${text}</b>`
  }<div class="small soft">${about} ${known(happening)}</div></div>${bar(happening, part)}</li>`;
}

function gap(before: RunPart | undefined, part: RunPart): Content {
  const time = before && span(before.endedAt, part.startedAt);
  if (!before || time === span(part.startedAt, part.startedAt)) return undefined;
  return html`<p class="gap">${before.waitedFor ? `${time} of waiting for ${before.waitedFor}` : `${time} later`}</p>`;
}

const STEPS = {
  named: undefined,
  'not named': 'The history that this cloud keeps does not name all steps.',
  'not recorded': 'When its steps ran is not recorded, or was not read.',
} as const;

function heading({ run, startedAt, endedAt }: RunPart): Html {
  const took = startedAt !== endedAt && `, ${span(startedAt, endedAt)}`;
  return html`<header><h3>${run === 0 ? 'Before the first run' : `Run ${run}`}</h3><span class="soft small">${instant(startedAt)} UTC${took}</span></header>`;
}

/** Run after run, each on a time axis of its own, with the time between them in words: days of waiting do not flatten seconds of work. */
export const runs = (parts: readonly RunPart[], links: (run: number) => Content): Content =>
  parts.map((part, at) => [
    gap(parts[at - 1], part),
    html`<div class="run">${heading(part)}<ol class="events">${part.happenings.map((happening) => line(happening, part))}</ol>
${part.run > 0 && STEPS[part.steps] && html`<p class="small soft">${STEPS[part.steps]}</p>`}${links(part.run)}</div>`,
  ]);
