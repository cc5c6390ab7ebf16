import { ScanCommand, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import { decideKeep } from '../../../lambdas/domain/protocol/index.ts';
import { backupOf } from '../../../lambdas/ledger/backup.ts';
import type { Item } from '../../../lambdas/ledger/items.ts';
import { unfinishedKeys } from '../../../lambdas/ledger/queries.ts';
import { random } from '../../../local/northwind/random.ts';
import { begin, type Event, finish, type History, headsOf, type Plan } from './history.ts';
import { judge, keptIn, type Outcome } from './verdict.ts';
import type { Hands, Options, World } from './world.ts';

/** How the backup is made: by the export, while everything goes on, or with each order and each quote of a moment of its own, worse than any export is. */
export const BACKUPS = ['export', 'torn'] as const;
export type BackupKind = (typeof BACKUPS)[number];

type Items = Map<string, Item>;
type Draw = (below: number) => number;

interface Backup {
  /** Before each call to the outside, from its beginning on. */
  readonly between: () => void;
  /** undefined: it is not whole yet. */
  readonly items: () => Items | undefined;
}

const PAGE = 3;
/** A scan goes through the table in an order of its own, which says nothing of when anything was written. */
const place = ({ pk, sk }: Item): string => `${[...String(pk)].reverse().join('')} ${sk}`;

/** The table as it is scanned in pages, so that something happens between them. */
const paged = ({ client }: Hands['ledger']): Hands['ledger']['client'] => {
  const send = async (command: { readonly input: ScanCommandInput }) => {
    if (!(command instanceof ScanCommand)) return client.send(command as never);
    const { ExclusiveStartKey: start, ...input } = command.input;
    const { Items = [] } = await client.send(new ScanCommand(input));
    const left = Items.filter((item) => item.pk && (!start || place(item) > place(start))).sort((a, b) => (place(a) < place(b) ? -1 : 1));
    const last = left[PAGE - 1];
    return { Items: left.slice(0, PAGE), ...(left.length > PAGE && last && { LastEvaluatedKey: { pk: last.pk, sk: last.sk } }) };
  };
  return { send } as unknown as Hands['ledger']['client'];
};

const keyOf = ({ pk, sk }: Item): string => `${pk} ${sk}`;

function exported(world: World): Backup {
  const items: Items = new Map();
  let whole = false;
  world.begin('export', async ({ ledger }) => {
    for await (const item of backupOf({ client: paged(ledger), table: 'ledger' }, world.scheduler.now)) items.set(keyOf(item), structuredClone(item));
    whole = true;
  });
  return { between: () => {}, items: () => (whole ? items : undefined) };
}

/** Calls between two copies. */
const COPIED_EVERY = 5;
const owner = (key: string): string => key.split(' ')[0] ?? '';

function torn({ scheduler, table }: World, draw: Draw): Backup {
  const copies: Items[] = [];
  let next = 0;
  const copy = () => {
    if (scheduler.calls() < next) return;
    next = scheduler.calls() + COPIED_EVERY;
    copies.push(new Map(structuredClone([...table.items].filter(([, { pk }]) => pk !== undefined))));
  };
  copy();
  const items = (): Items => {
    const owners = new Set(copies.flatMap((one) => [...one.keys()].map(owner)));
    // Orders and quotes are of a moment of their own; what everything stands on is the newest.
    const of = new Map([...owners].map((name) => [name, /^[OQ]#/.test(name) ? copies[draw(copies.length)] : copies.at(-1)]));
    return new Map([...of].flatMap(([name, one = new Map()]) => [...one].filter(([key]) => owner(key) === name)));
  };
  return { between: copy, items };
}

/** In a random order and at random times the CPQ sends what it has sent before: quotes, and that they were withdrawn. */
function sentAgain({ world, left, past }: History, draw: Draw): void {
  const sent = new Map(
    past.filter(({ kind }) => kind === 'accept' || kind === 'withdraw').map((event) => [`${event.kind} ${event.revision}`, event]),
  );
  const spread = [30, 300, 1500][draw(3)] ?? 30;
  const again = [...sent.values()].map((event, n) => ({ event: { ...event, at: world.scheduler.calls() + draw(spread) }, n: 100 + n }));
  left.push(...again);
  left.sort((a, b) => a.event.at - b.event.at);
}

/** What of an order must have come to it again: a withdrawal, and that there is a newer revision. */
function untold(world: World, past: readonly Event[]): string[] {
  const withdrawn = Math.max(0, ...past.filter(({ kind }) => kind === 'withdraw').map(({ revision }) => revision));
  const heads = headsOf(world);
  const highest = Math.max(0, ...heads.map(({ quote }) => quote.revision));
  return heads.flatMap(({ quote: { revision }, state, stops }) => {
    const lives = state !== 'cancelled' && state !== 'reversed';
    const isOpen = state === 'accepted' || state === 'drafted';
    return [
      lives && revision <= withdrawn && !stops.withdrawn ? `revision ${revision} does not know that it was withdrawn` : [],
      isOpen && revision < highest && !stops.superseded && !stops.withdrawn ? `revision ${revision} does not know of revision ${highest}` : [],
      stops.withdrawn && revision > withdrawn ? `revision ${revision} was never withdrawn` : [],
      stops.superseded && revision === highest ? `revision ${revision} is the highest, and superseded` : [],
    ].flat();
  });
}

/**
 * A history in the midst of which the ledger is lost, and comes back from a backup that is older; whoever was at work is dead, and what the
 * CPQ has sent comes again. What people said since the backup is forgotten (ADR 0006). Deterministic, as without.
 */
export async function liveRestored(plan: Plan, kind: BackupKind, options: Options = {}): Promise<Outcome> {
  const history = await begin(plan, options);
  const { world } = history;
  const { scheduler } = world;
  const next = random(plan.seed + 1);
  const draw: Draw = (below) => Math.floor(next() * below);
  let begins = scheduler.calls() + draw(320);
  let lost = begins + draw(250);
  let backup: Backup | undefined;
  let kept: string[] | undefined;
  const between = () => {
    if (kept !== undefined || scheduler.calls() < begins) return;
    backup ??= kind === 'export' ? exported(world) : torn(world, draw);
    backup.between();
    const items = scheduler.calls() < lost ? undefined : backup.items();
    if (!items) return;
    kept = keptIn(world);
    world.restore(items);
    sentAgain(history, draw);
    world.insist('raise', async ({ ledger }) => {
      for (const key of await unfinishedKeys(ledger, Number.POSITIVE_INFINITY)) await ledger.change<unknown>(key, decideKeep);
    });
  };
  // Everything was over before: then it is lost now.
  const more = () => {
    if (kept !== undefined) return false;
    begins = 0;
    lost = 0;
    between();
    return true;
  };
  const quiet = await finish(history, [], { between, more });
  const outcome = judge(world, quiet, kept);
  return { ...outcome, wrong: [...outcome.wrong, ...(quiet ? untold(world, history.past) : [])] };
}
