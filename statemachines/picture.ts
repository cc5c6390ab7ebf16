/**
 * Draws the state machines into statemachines/README.md and the project's README.md: a Mermaid picture and the tables of states and retries.
 * Run it after a change of an ASL file: `node statemachines/picture.ts`; a test fails when it was forgotten.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts: number;
  readonly JitterStrategy?: string;
}

export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Arguments?: { readonly FunctionName: string; readonly Payload: unknown };
  readonly Output?: unknown;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Output: unknown; readonly Next: string }[];
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Branches?: readonly { readonly StartAt: string; readonly States: Readonly<Record<string, State>> }[];
  readonly Next?: string;
  readonly End?: boolean;
}

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const folder = import.meta.dirname;
/** Where pictures stand. */
export const pages = [join(folder, 'README.md'), join(folder, '..', 'README.md')];

export const readMachine = (name: string): Machine => JSON.parse(readFileSync(join(folder, `${name}.asl.json`), 'utf8'));

/** Every state with its name, those inside a branch too, in the order of the file. */
export const allStates = ({ States }: Pick<Machine, 'States'>): [string, State][] =>
  Object.entries(States).flatMap(([name, state]): [string, State][] => [[name, state], ...(state.Branches ?? []).flatMap(allStates)]);

const idOf = (name: string): string => name.replace(/\W+(.)?/g, (_match, letter?: string) => letter?.toUpperCase() ?? '');

/** `{% $states.input.next = 'undo' %}` -> `undo`. */
const label = (condition: string): string => /= '(.+)' %}$/.exec(condition)?.[1] ?? condition;

function arrows(name: string, state: State, indent: string): string[] {
  const line = (to: string, text = '') => `${indent}${idOf(name)} --> ${to === '[*]' ? to : idOf(to)}${text && `: ${text}`}`;
  return [
    ...(state.Next ? [line(state.Next)] : []),
    ...(state.End || state.Type === 'Succeed' ? [line('[*]')] : []),
    ...(state.Choices ?? []).map(({ Condition, Next }) => line(Next, label(Condition))),
    ...(state.Default ? [line(state.Default, 'otherwise')] : []),
    ...(state.Catch ?? []).map(({ Next }) => line(Next, 'any error')),
  ];
}

function draw({ StartAt, States }: Machine, indent: string): string[] {
  const boxes = Object.entries(States).flatMap(([name, { Type, Branches = [] }]) => {
    if (Type === 'Choice') return [`${indent}state ${idOf(name)} <<choice>>`];
    const box = `${indent}state "${name}" as ${idOf(name)}`;
    return Branches.length === 0 ? [box] : [`${box} {`, ...Branches.flatMap((branch) => draw(branch, `${indent}  `)), `${indent}}`];
  });
  return [...boxes, `${indent}[*] --> ${idOf(StartAt)}`, ...Object.entries(States).flatMap(([name, state]) => arrows(name, state, indent))];
}

/** The state machine as a Mermaid state diagram. */
const picture = (machine: Machine): string => ['stateDiagram-v2', ...draw(machine, '  ')].join('\n');

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

const waits = ({ IntervalSeconds, BackoffRate, MaxDelaySeconds, JitterStrategy }: Retrier): string =>
  `${IntervalSeconds} s x ${BackoffRate}${MaxDelaySeconds ? `, at most ${MaxDelaySeconds} s` : ''}${JitterStrategy === 'FULL' ? ', full jitter' : ''}`;

/** One row for each way of retrying, with the states that share it. */
function retryTable(machine: Machine): string {
  const rows = new Map<string, string[]>();
  for (const [name, { Retry = [] }] of allStates(machine))
    for (const retrier of Retry) {
      const row = `${listed(retrier.ErrorEquals)} | ${waits(retrier)} | ${retrier.MaxAttempts}`;
      rows.set(row, [...(rows.get(row) ?? []), name]);
    }
  return ['| states | errors | waits | times |', '|---|---|---|---|', ...[...rows].map(([row, names]) => `| ${names.join(', ')} | ${row} |`)].join(
    '\n',
  );
}

/** What each state does, which function it calls, and how long it may take. */
const stateTable = (machine: Machine): string =>
  [
    '| state | type | function | timeout | what |',
    '|---|---|---|---|---|',
    ...allStates(machine).map(([name, { Type, Arguments, TimeoutSeconds, Comment = '' }]) => {
      const called = Arguments ? Arguments.FunctionName.replace(/^\$\{(.+)Function\}$/, '$1').toLowerCase() : '';
      return `| ${name} | ${Type} | ${called} | ${TimeoutSeconds ? `${TimeoutSeconds} s` : ''} | ${Comment} |`;
    }),
  ].join('\n');

/** The README with what stands between `<!-- <kind> <machine> -->` and `<!-- end -->` drawn anew. */
export const redrawn = (readme: string): string =>
  readme.replace(/(<!-- (picture|states|retries) ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, begin: string, kind: string, name: string, end) => {
    const machine = readMachine(name);
    if (kind === 'picture') return `${begin}\`\`\`mermaid\n${picture(machine)}\n\`\`\`\n${end}`;
    return `${begin}${kind === 'states' ? stateTable(machine) : retryTable(machine)}\n${end}`;
  });

export const machineNames = (): string[] => globSync('*.asl.json', { cwd: folder }).map((file) => file.replace('.asl.json', ''));

if (import.meta.main) for (const page of pages) writeFileSync(page, redrawn(readFileSync(page, 'utf8')));
