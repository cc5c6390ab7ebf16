import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ERRORS } from '../../contracts/errors.ts';
import type { Head } from '../domain/head.ts';
import { hashOf } from '../domain/identity.ts';
import type { Parking } from '../domain/protocol/index.ts';
import { quarantineKey, taskPlaceKey } from './keys.ts';
import { type Ledger, lost } from './ledger.ts';
import { isOpen, type Quarantined, readQuarantined } from './quarantine.ts';
import type { TransactItems } from './table.ts';
import { type Closed, readTaskItem, stored, type TaskItem } from './task-items.ts';

/**
 * The question about an event that was rejected while its order goes on (rule 16): open if and only if the entry in quarantine is. It is
 * not in HEAD and holds no order up.
 */
export const entryTaskId = ({ tenant, id }: Pick<Quarantined, 'tenant' | 'id'>): string => hashOf(['entry', tenant, id]).slice(0, 20);

/** Asks, or asks again, what becomes of an entry; written with the entry, or by the sweeper. @param head the order that goes on */
export function askAboutEntry(table: string, head: Head, entry: Pick<Quarantined, 'id' | 'code' | 'detail'>, { answerDue }: Parking, now: string) {
  const { tenant, orderKey, quote, route } = head;
  const { owner } = ERRORS[entry.code];
  const id = entryTaskId({ tenant, id: entry.id });
  const item: TaskItem = {
    ...{ id, orderKey, tenant, quote, erp: route.erp, entry: entry.id, code: entry.code, detail: entry.detail, state: 'open' },
    ...{ openedAt: now, since: now, dueAt: answerDue(entry.code, owner, now), owner, level: 0, approved: [] },
  };
  const place = { ...taskPlaceKey(id), orderKey, entry: entry.id };
  return [stored(item), place].map((Item) => ({ Put: { TableName: table, Item } }));
}

/** The question after a change. Its condition fails where it was answered, asked anew or escalated since it was read. */
const changed = ({ table }: Ledger, read: TaskItem, next: TaskItem): TransactItems[number] => ({
  Put: {
    TableName: table,
    Item: stored(next),
    ConditionExpression: '#state = :open AND openedAt = :openedAt AND dueAt = :dueAt',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':open': 'open', ':openedAt': read.openedAt, ':dueAt': read.dueAt },
  },
});

/** false: somebody else wrote meanwhile. */
const won = ({ client }: Ledger, TransactItems: TransactItems): Promise<boolean> =>
  client.send(new TransactWriteCommand({ TransactItems })).then(
    () => true,
    (error: unknown) => {
      if (lost(error)) return false;
      throw error;
    },
  );

/** Another assignee, the next group, or closed by the sweeper. false: somebody else wrote it meanwhile. */
export const changeEntryTask = (ledger: Ledger, read: TaskItem, next: TaskItem): Promise<boolean> => won(ledger, [changed(ledger, read, next)]);

/** How an entry ended. `done`: by this call; else by an earlier one. */
export interface Ended {
  readonly done: boolean;
  readonly entry: Quarantined;
}

type End = (at: string) => { readonly mark: Partial<Quarantined>; readonly closed: Closed };

/** The entry and its question are closed in one transaction: of two people one does it, and the other is told. @returns undefined: there is no such entry */
async function end(ledger: Ledger, tenant: string, id: string, may: (entry: Quarantined) => boolean, how: End): Promise<Ended | undefined> {
  for (;;) {
    const entry = await readQuarantined(ledger, tenant, id);
    if (!entry || !may(entry)) return entry && { done: false, entry };
    const { mark, closed } = how(ledger.stamp());
    const task = entry.orderKey === undefined ? undefined : await readTaskItem(ledger, entry.orderKey, entryTaskId(entry));
    const marked = { ...entry, ...mark };
    const put = {
      Put: {
        TableName: ledger.table,
        Item: { ...quarantineKey(tenant, id), ...marked },
        ConditionExpression: `#at = :at AND attribute_not_exists(dismissed)${isOpen(entry) ? ' AND attribute_not_exists(resubmittedAt)' : ''}`,
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':at': entry.at },
      },
    };
    const answered = task?.state === 'open' ? [changed(ledger, task, { ...task, state: 'closed', closed })] : [];
    if (await won(ledger, [put, ...answered])) return { done: true, entry: marked };
  }
}

/** Nothing more comes of the event: it stays in quarantine, closed, with who said so and why. The same event again changes nothing. */
export const dismiss = (ledger: Ledger, { tenant, id }: Pick<Quarantined, 'tenant' | 'id'>, by: string, reason: string): Promise<Ended | undefined> =>
  end(ledger, tenant, id, isOpen, (at) => ({ mark: { dismissed: { by, at, reason } }, closed: { by, at, option: 'dismiss', reason } }));

/** The event is about to be submitted, maybe once more: a call that died in between leaves none that nobody can submit. */
export const markResubmitted = (ledger: Ledger, { tenant, id }: Pick<Quarantined, 'tenant' | 'id'>, by: string): Promise<Ended | undefined> =>
  end(
    ledger,
    tenant,
    id,
    ({ dismissed }) => dismissed === undefined,
    (at) => ({ mark: { resubmittedAt: at, resubmittedBy: by }, closed: { by, at, reason: 'the event was submitted again' } }),
  );
