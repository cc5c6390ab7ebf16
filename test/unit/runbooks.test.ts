import { describe, expect, test } from 'vitest';
import { alarmsOf } from '../../contracts/alarms.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { QUESTIONS } from '../../contracts/questions.ts';
import { RUNBOOK, RUNBOOK_OF_CODE, runbookPath, type SectionName } from '../../contracts/runbooks.ts';
import { optionsOf, TASK_OPTIONS } from '../../contracts/tasks.ts';
import { errorsPage } from '../../docs/errors.ts';
import { commands, commandsIn, howTos, PARTS, pages, sections } from '../support/runbooks.ts';

/** What there is one of for each subscriber and each ERP stands in the pages as that. */
const everything = { policy: { subscribers: { '<subscriber>': {} }, erps: { '<erp>': {} } }, salesforceEventSource: 'any' };
const alarms = alarmsOf(everything as unknown as Parameters<typeof alarmsOf>[0]);
const names = Object.keys(RUNBOOK) as SectionName[];
const codesOf = (name: SectionName) => (Object.keys(ERRORS) as ErrorCode[]).filter((code) => RUNBOOK_OF_CODE[code] === name);
const alarmsOfSection = (name: SectionName) => alarms.filter(({ section }) => section === name).map((alarm) => alarm.name);
const textOf = (name: SectionName) =>
  sections.find(({ feature, title }) => feature === RUNBOOK[name].feature && title === RUNBOOK[name].title)?.text ?? '';

/** `Owner: platform. Alarms: `a`, `b`. Codes: `C`.` */
function headOf(text: string) {
  const head = text.split('\n', 1)[0] ?? '';
  const list = (label: string) => [...(new RegExp(`${label}: (.*?)\\.(?= |$)`).exec(head)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  return { owner: /^Owner: ([\w-]+)\./.exec(head)?.[1], alarms: list('Alarms').sort(), codes: list('Codes').sort() };
}

/** Label -> text of the part, in the order of the page. */
const partsOf = (text: string): [string, string][] =>
  text
    .split(/^\*\*(?=[A-Z][\w ]+:\*\*)/m)
    .slice(1)
    .map((part) => {
      const [, label = '', body = ''] = /^([\w ]+):\*\*([\s\S]*)$/.exec(part) ?? [];
      return [label, body.trim()];
    });

test('the pages hold the sections of the table and no other, each once', () => {
  const address = ({ feature, title }: { feature: string; title: string }) => `${feature}: ${title}`;
  expect(sections.map(address).sort()).toEqual(Object.values(RUNBOOK).map(address).sort());
});

test('every section has an alarm or a code, and every code and every alarm a section', () => {
  expect(names.filter((name) => alarmsOfSection(name).length + codesOf(name).length === 0)).toEqual([]);
  expect(names.flatMap(codesOf).sort()).toEqual(Object.keys(ERRORS).sort());
  expect(names.flatMap(alarmsOfSection).sort()).toEqual(alarms.map(({ name }) => name).sort());
});

describe.each(names)('the section "%s"', (name) => {
  test('names its owner, its alarms and its codes', () => {
    expect(headOf(textOf(name))).toEqual({ owner: RUNBOOK[name].owner, alarms: alarmsOfSection(name).sort(), codes: codesOf(name).sort() });
  });

  test('belongs to the owner of each of its codes', () => {
    for (const code of codesOf(name)) expect(ERRORS[code].owner, code).toBe(RUNBOOK[name].owner);
  });

  test('tells of each code the answers that its question takes, and no other', () => {
    const act = partsOf(textOf(name)).find(([label]) => label === 'Do')?.[1] ?? '';
    // `A`, `B`: what to do about both. The sentences reach to the next codes, or to a command.
    const told = [...act.matchAll(/((?:`[A-Z]+_[A-Z_]+`(?:, )?)+): ([\s\S]*?)(?=(?:`[A-Z]+_[A-Z_]+`(?:, )?)+: |```|$)/g)];
    const named = (text: string): string[] => TASK_OPTIONS.filter((option) => text.includes(`\`${option}\``));
    for (const code of codesOf(name).filter((one) => one in QUESTIONS)) {
      const about = told.filter(([, codes = '']) => codes.includes(`\`${code}\``)).map(([, , text = '']) => text);
      // Every question takes these two, or a command of its own says them.
      const said = (options: readonly string[]) => options.filter((option) => !['retry', 'cancel', 'correct'].includes(option)).sort();
      expect(said(named(about.join(' '))), code).toEqual(said(optionsOf(code)));
    }
  });

  test('says in five parts what it means, how to see it, what to do, when it is over and whom to call', () => {
    const parts = partsOf(textOf(name));
    expect(parts.map(([label]) => label)).toEqual([...PARTS]);
    for (const [label, body] of parts) expect(body.length, label).toBeGreaterThan(15);
    const [, see, act, over] = parts.map(([, body]) => body);
    for (const text of [see, over]) expect(commandsIn(name, text ?? '').filter(({ aws }) => !aws)).not.toEqual([]);
    expect(act).toMatch(/^Console: /m);
  });
});

test('the list of codes has a heading for each, which is its address, and leads to its runbook', () => {
  const page = errorsPage();
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const section = new RegExp(`^## ${code}\\n[\\s\\S]*?^- Runbook: (.*)$`, 'm').exec(page)?.[1];
    expect(section, code).toContain(`(${runbookPath(RUNBOOK_OF_CODE[code])})`);
  }
});

test('whatever an operator can press is explained: replay, redrive, execution, archive, facts, restore', () => {
  expect(howTos.map(({ title }) => title)).toEqual([
    'How to replay dead letters',
    'How to redrive a queue in the SQS console',
    'How to redrive or start an execution',
    'How to replay the archive',
    'How to publish facts again',
    'How to restore the ledger',
  ]);
});

/** Words in capitals that the reader fills in. */
const PLACEHOLDERS = ['CODE', 'ERP', 'ERP-CODE', 'ORDER-KEY', 'QUARANTINE-ID', 'QUEUE', 'QUOTE', 'REPLAY-ID', 'SUBSCRIBER', 'TENANT'];
const FOR_AWS = [
  'ACCOUNT',
  'BUCKET',
  'DOCUMENT-KEY',
  'EXECUTION',
  'FILE',
  'REGION',
  'REPLAY-NAME',
  'SECRET-NAME',
  'STAGE',
  'UUID',
  'VERSION-OF-THE-DELETE-MARKER',
  'WHO',
  'WHY',
];

/** Its own command line, or what a deployment takes; never run by a test. */
const FOR_A_SHELL_ON_AWS =
  /^(aws [a-z0-9]+ [a-z-]+ ?|npx quotebridge [a-z-]+|npm run deploy -- --stage STAGE$|QUOTEBRIDGE_STAGE=STAGE QUOTEBRIDGE_CLOUD=aws npx cdk )/;

describe('the commands of the runbooks', () => {
  test('are ours, or need AWS and say so', () => {
    for (const { line, aws, page } of commands) expect(line, page).toMatch(aws ? FOR_A_SHELL_ON_AWS : /^npx quotebridge [a-z]+/);
    expect(commands.length).toBeGreaterThan(100);
  });

  test('have no blank to fill in but those that the test of them fills in', () => {
    for (const { line, aws } of commands) {
      const words = [...line.replaceAll(/'[^'{]*'/g, '').matchAll(/(?<![\w:-])[A-Z][A-Z-]{2,}(?![\w:])/g)].map(([word]) => word);
      const known: string[] = [...PLACEHOLDERS, ...(aws ? FOR_AWS : []), ...Object.keys(ERRORS)];
      expect(
        words.filter((word) => !known.includes(word)),
        line,
      ).toEqual([]);
    }
  });

  test('every page tells what to add on AWS', () => {
    for (const { path, text } of pages) expect(text, path).toContain('on AWS add `--stage <stage>`');
  });
});
