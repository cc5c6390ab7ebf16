import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import * as z from 'zod';
import type { Item } from '../lambdas/ledger/items.ts';
import { Refused } from './failure.ts';

const FORMAT = 'quotebridge-ledger/1';

/** The first line of a backup. */
const header = z.object({ format: z.literal(FORMAT), table: z.string(), tenant: z.string().optional(), at: z.iso.datetime(), epoch: z.int().min(0) });
export type Header = Omit<z.infer<typeof header>, 'format'>;

/** The last line: what the lines between them have to come to. */
const manifest = z.object({ end: z.literal(true), items: z.int().min(0), orders: z.int().min(0), facts: z.int().min(0), sha256: z.string() });
export type Manifest = z.infer<typeof manifest>;

/** What the lines of a backup come to. */
function tally() {
  const hash = createHash('sha256');
  let items = 0;
  /** Facts of each order. One that was accepted meanwhile comes again, HEAD first, and counts as it came last. */
  const orders = new Map<unknown, number>();
  return {
    add(line: string, { pk, sk }: Item): void {
      hash.update(`${line}\n`);
      items += 1;
      if (!String(pk).startsWith('O#')) return;
      if (sk === 'HEAD') orders.set(pk, 0);
      if (String(sk).startsWith('F#')) orders.set(pk, (orders.get(pk) ?? 0) + 1);
    },
    manifest: (): Manifest => ({
      end: true,
      items,
      orders: orders.size,
      facts: orders.values().reduce((sum, facts) => sum + facts, 0),
      sha256: hash.digest('hex'),
    }),
  };
}

/** Writes items as they come, one JSON a line, compressed; the file has its name once it is whole. @throws {Refused} when it cannot be written */
export async function writeBackup(file: string, about: Header, items: AsyncIterable<Item>, said: (items: number) => void): Promise<Manifest> {
  const written = tally();
  let end: Manifest | undefined;
  async function* lines(): AsyncGenerator<string> {
    yield `${JSON.stringify({ format: FORMAT, ...about })}\n`;
    let count = 0;
    for await (const item of items) {
      const line = JSON.stringify(item);
      written.add(line, item);
      if (++count % 10_000 === 0) said(count);
      yield `${line}\n`;
    }
    end = written.manifest();
    yield `${JSON.stringify(end)}\n`;
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(`${file}.part`)).catch((error: NodeJS.ErrnoException) => {
    // of the file system, not of the ledger
    if (error.path === undefined) throw error;
    throw new Refused(`${file} cannot be written: ${error.message}.`, 'Give --to a file in a folder that is there and may be written to.');
  });
  await rename(`${file}.part`, file);
  return end as Manifest;
}

const foreign = (file: string, why: string): Refused =>
  new Refused(`${file} is no whole backup of a ledger: ${why}.`, 'Take another file that `quotebridge ledger export` has written.');

async function* linesOf(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const text = bytes.pipe(createGunzip());
  bytes.on('error', (error) => text.destroy(error));
  // a broken file ends the reading with its error, which the interface alone would swallow
  const failed = new Promise<never>((_, reject) => text.on('error', reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (done) return;
    yield value;
  }
}

const json = (line: string | undefined): unknown => {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
};

/** Reads a backup from its first to its last line. @throws {Refused} when it is cut, changed, or something else */
export async function checkBackup(file: string): Promise<Header & Manifest> {
  let about: Header | undefined;
  let end: Manifest | undefined;
  const read = tally();
  try {
    for await (const line of linesOf(file)) {
      const value = json(line);
      if (about === undefined) {
        const first = header.safeParse(value);
        if (!first.success) throw foreign(file, 'its first line is not that of one');
        about = first.data;
        continue;
      }
      if (end !== undefined) throw foreign(file, 'it goes on after its end');
      const last = manifest.safeParse(value);
      if (last.success) end = last.data;
      else read.add(line, (value ?? {}) as Item);
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw foreign(file, (error as Error).message);
  }
  if (!about || !end) throw foreign(file, 'it is cut: its last line is missing');
  const { items, sha256 } = read.manifest();
  if (items !== end.items || sha256 !== end.sha256) throw foreign(file, `it says ${end.items} items, and has ${items} or other ones`);
  return { ...about, ...end };
}

/** The items of a backup that was checked before. */
export async function* readBackup(file: string): AsyncGenerator<Item> {
  let before: string | undefined;
  let first = true;
  for await (const line of linesOf(file)) {
    if (before !== undefined) yield JSON.parse(before) as Item;
    before = first ? undefined : line;
    first = false;
  }
}
