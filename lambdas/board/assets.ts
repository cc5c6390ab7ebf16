/** The board's own files: small enough to be part of the code, so that a bundle of it needs nothing beside it. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1d4f7c"/><path d="M5 21c4-10 18-10 22 0M10 21v-4M16 21v-7M22 21v-4M4 22h24" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>`;

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --text: #1b2430; --soft: #53606e; --line: #d9dee4; --link: #14528c; --focus: #b3470b;
  --calm: #e6eef6; --calm-text: #173f63; --good: #e0f2e5; --good-text: #14532b; --warn: #fdecc8; --warn-text: #6a3d00;
  --bad: #fbe0de; --bad-text: #86140d; --quiet: #e8eaed; --quiet-text: #414b56; --bar: #3f7cb5; --dot: #14528c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12171d; --card: #1a2129; --text: #e4e9ee; --soft: #a3b0bd; --line: #333e4a; --link: #8dc2f5; --focus: #ffb27a;
    --calm: #1e3448; --calm-text: #c0ddf7; --good: #173a25; --good-text: #b3e6c4; --warn: #46330e; --warn-text: #ffdc99;
    --bad: #4d1f1c; --bad-text: #ffc4be; --quiet: #2a333d; --quiet-text: #c3ccd5; --bar: #5d9ad3; --dot: #8dc2f5;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: break-word; }
body > header, main { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
body > header, .run > header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
body > header { padding-top: .75rem; padding-bottom: .75rem; }
.brand { margin: 0; font-weight: 650; } .brand a { color: inherit; text-decoration: none; }
.stage { color: var(--soft); font-weight: 400; font-size: .875rem; }
nav ul { display: flex; gap: .25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: .375rem .75rem; border-radius: .375rem; text-decoration: none; }
nav a[aria-current] { background: var(--calm); color: var(--calm-text); font-weight: 600; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
main:focus { outline: none; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.skip:focus { top: .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
header [role=search] { margin-left: auto; flex-wrap: nowrap; }
header [type=search] { width: 14rem; }
.who { margin: 0; align-items: center; }
.login { margin-bottom: .75rem; }
.options { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; list-style: none; margin: 0 0 1rem; padding: 0; }
.options > li { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.grow { flex: 1 1 14rem; } .grow > input { width: 100%; }
.pick input { height: auto; display: inline; } .pick { font-size: inherit; color: inherit; }
.confirm { display: block; }
.below { margin: 1rem 0 .5rem; }
.done { border-left: .375rem solid var(--good-text); }
label { font-size: .875rem; color: var(--soft); }
label > select, label > input { display: block; margin-top: .125rem; }
input, select, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: .375rem; padding: 0 .625rem; height: 2.375rem; min-width: 0; max-width: 100%; }
button { cursor: pointer; }
::placeholder { color: var(--soft); opacity: 1; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .75rem 0 1rem; }
h2 { font-size: 1.125rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; overflow-x: auto; }
p { margin: 0 0 .75rem; } section > :last-child { margin-bottom: 0; }
.soft, .read { color: var(--soft); } .read, .small { font-size: .875rem; }
.filter { margin-bottom: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem; margin: 0 0 .75rem; padding: 0; list-style: none; }
.tiles a { display: block; height: 100%; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; color: inherit; text-decoration: none; }
.tiles a:hover { border-color: var(--link); }
.tiles b { display: block; font-size: 1.75rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; margin-top: .25rem; }
.tiles .sum { font-size: .8125rem; color: var(--soft); }
.sum { display: block; white-space: nowrap; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; border-radius: 1rem; padding: 0 .625rem; font-size: .875rem; white-space: nowrap; }
.badge.calm { background: var(--calm); color: var(--calm-text); } .badge.good { background: var(--good); color: var(--good-text); }
.badge.warn { background: var(--warn); color: var(--warn-text); } .badge.bad { background: var(--bad); color: var(--bad-text); }
.badge.quiet { background: var(--quiet); color: var(--quiet-text); }
table { border-collapse: collapse; width: 100%; } table + p { margin-top: .75rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; padding-top: 0; font-size: .875rem; color: var(--soft); }
.number, td time { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
th:last-child, td:last-child { padding-right: 0; }
code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.command { display: flex; gap: .5rem; align-items: start; margin: 0 0 .75rem; }
.command code { flex: 1; min-width: 0; background: var(--ground); border: 1px solid var(--line); border-radius: .375rem; padding: .4375rem .625rem; }
.why { border-left: .375rem solid var(--warn-text); }
.why .lead { font-size: 1.125rem; margin-bottom: .5rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .75rem 1.5rem; margin: 0; }
dl > .wide { grid-column: 1 / -1; }
dt { font-size: .875rem; color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.pages { display: flex; gap: 1rem; align-items: center; margin: .75rem 0 0; }
.run { margin: 0 0 1rem; } .run > header { gap: .25rem .75rem; margin-bottom: .25rem; }
.events { list-style: none; margin: 0; padding: 0; }
.events > li { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr) minmax(6rem, 16rem); gap: .125rem .75rem; padding: .375rem 0; border-top: 1px solid var(--line); }
.events .time { font-variant-numeric: tabular-nums; color: var(--soft); font-size: .875rem; line-height: 1.7; }
.events svg { width: 100%; height: .75rem; margin-top: .4375rem; display: block; }
.track { fill: var(--quiet); } .step { fill: var(--bar); } .step.failed { fill: var(--bad-text); } .fact { fill: var(--dot); }
.gap { margin: 0 0 1rem; padding: .375rem .75rem; border-left: .25rem dotted var(--soft); color: var(--soft); }
.refresh { color: var(--soft); font-size: .875rem; }
details { margin: 0 0 .75rem; } summary { cursor: pointer; } details[open] > summary { margin-bottom: .5rem; }
@media (max-width: 60rem) {
  .cards, .cards tbody, .cards tr, .cards th, .cards td { display: block; }
  .cards thead { display: none; }
  .cards tr { border-top: 1px solid var(--line); padding: .5rem 0; }
  .cards tr:first-child { border-top: 0; padding-top: 0; }
  .cards th, .cards td { border: 0; padding: .125rem 0; }
  .cards td, .cards td.number { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .5rem; text-align: left; }
  .cards td::before { content: attr(data-title); color: var(--soft); font-size: .875rem; }
  .cards td > * { grid-column: 2; }
  .cards td:empty { display: none; }
}
@media (max-width: 45rem) {
  header [role=search] { margin-left: 0; width: 100%; } header [type=search] { width: auto; flex: 1; }
  dl { grid-template-columns: minmax(0, 1fr); }
  .events > li { grid-template-columns: 4.5rem minmax(0, 1fr); } .events svg { grid-column: 2; }
}
@media (prefers-reduced-motion: no-preference) { a, button, .tiles a { transition: border-color .15s, background-color .15s; } }
@media (forced-colors: active) { .badge { border: 1px solid; } .step, .fact { fill: CanvasText; } }
`;

/**
 * Reads the page again while somebody looks at it, without moving focus, scroll or what is open; copies commands. Without it the page is
 * whole, only still.
 */
export const SCRIPT = `'use strict';
const live = document.getElementById('live');
const pause = document.getElementById('pause');
const trouble = document.getElementById('trouble');
const every = Number(live.dataset.every) * 1000;

const say = (text) => { document.getElementById('said').textContent = text; };
const showButtons = () => { for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false; };

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const code = button.parentElement.querySelector('code');
  try {
    await navigator.clipboard.writeText(code.textContent);
    say('Copied');
    button.firstChild.data = 'Copied';
    setTimeout(() => { button.firstChild.data = 'Copy'; }, 2000);
  } catch {
    getSelection().selectAllChildren(code);
    say('Selected; copy it with the keyboard');
  }
});

/** How a focused element is found again: by its id, or as the n-th with the same address or text. */
const keyOf = (element) => element.id || element.getAttribute('href') || element.textContent;
const focusable = () => [...live.querySelectorAll('a, button, summary, [tabindex]')];

function replace(fresh) {
  const focused = live.contains(document.activeElement) ? document.activeElement : undefined;
  const key = focused && keyOf(focused);
  const nth = focused && focusable().filter((one) => keyOf(one) === key).indexOf(focused);
  const open = [...live.querySelectorAll('details[open][id]')].map((one) => one.id);
  const scroll = [scrollX, scrollY];
  live.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  showButtons();
  if (focused) focusable().filter((one) => keyOf(one) === key)[nth]?.focus({ preventScroll: true });
  scrollTo(...scroll);
}

async function refresh() {
  const selected = getSelection();
  if (document.hidden || pause.getAttribute('aria-pressed') === 'true' || (selected && !selected.isCollapsed)) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const content = fresh.getElementById('live');
    if (!answer.ok || !content) throw new Error(String(answer.status));
    document.title = fresh.title;
    document.querySelector('h1').replaceChildren(...fresh.querySelector('h1').childNodes);
    replace(content);
    trouble.textContent = '';
  } catch {
    trouble.textContent = 'It could not be read just now; trying again.';
  }
}

showButtons();
if (every > 0) {
  pause.parentElement.hidden = false;
  pause.addEventListener('click', () => {
    const paused = pause.getAttribute('aria-pressed') !== 'true';
    pause.setAttribute('aria-pressed', String(paused));
    if (!paused) refresh();
  });
  const next = () => setTimeout(async () => { await refresh(); next(); }, every);
  next();
}
`;
