import type { ErrorCode } from '../../../../contracts/errors.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import type { Policy } from '../../../../contracts/policy.ts';
import { age, gauge } from '../../../aws/metrics.ts';
import type { Head } from '../../../domain/head.ts';
import { lateSince } from '../../../domain/head.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { NO_TENANT, openEntries, type Quarantined } from '../../../ledger/quarantine.ts';
import { lineBefore, readHeads, unfinishedKeys } from '../../../ledger/queries.ts';
import { openTaskKeys } from '../../../ledger/tasks.ts';
import { inTurn } from '../../../ledger/turns.ts';
import { proveTasks } from './prove-tasks.ts';

/** Orders of which the ledger is asked what they wait for, once a minute: about so many at most. */
const READ = 500;
/** Orders of each of the four shards that are counted at all: keys only, 8,000 for 128 reads. */
const COUNTED = 5000;

export interface MeasureDeps {
  readonly ledger: Ledger;
  readonly policy: Pick<Policy, 'erps' | 'tenants' | 'rules' | 'owners' | 'times'>;
}

const secondsSince = (ledger: Ledger, at: string): number => Math.max(0, Math.round((Date.parse(ledger.stamp()) - Date.parse(at)) / 1000));

/**
 * What the unfinished orders wait for. Their number is exact up to what the index is asked for. Up to `READ` orders the codes are exact
 * too; of more, those are read whose minute it is, others the next minute, and counted for the rest: a thousand orders that wait cost no more
 * than five hundred. An oldest order is seen in its own minute only, and so is a single one that is late. The age is that of the order, for
 * `wait.since` begins again with each run.
 */
async function orders({ ledger }: MeasureDeps): Promise<Head[]> {
  const now = ledger.stamp();
  const keys = await unfinishedKeys(ledger, COUNTED);
  const heads = await readHeads(ledger, inTurn(keys, READ, (orderKey) => orderKey, now).items);
  const ofAll = (those: readonly Head[]): number => Math.round((those.length * keys.length) / Math.max(1, heads.length));
  gauge(METRIC.unfinished, keys.length);
  gauge(METRIC.late, ofAll(heads.filter((head) => lateSince(head, now))));
  gauge(METRIC.dead, ofAll(heads.filter(({ run }) => run.deaths > 0)));
  const waiting = Map.groupBy(heads, ({ wait }): ErrorCode | undefined => wait?.code);
  waiting.delete(undefined);
  for (const [code, those] of waiting as Map<ErrorCode, typeof heads>) {
    gauge(METRIC.waiting(code), ofAll(those));
    age(METRIC.waitingAge(code), Math.max(...those.map(({ createdAt }) => secondsSince(ledger, createdAt))));
  }
  return heads;
}

async function lateAnswers({ ledger }: MeasureDeps): Promise<void> {
  gauge(METRIC.tasksOverdue, (await openTaskKeys(ledger, { dueBy: ledger.stamp() })).length);
}

async function lines({ ledger, policy }: MeasureDeps): Promise<void> {
  for (const erp of Object.keys(policy.erps)) {
    const { length, since } = await lineBefore(ledger, erp);
    gauge(METRIC.inLine(erp), length);
    age(METRIC.inLineAge(erp), since === undefined ? 0 : secondsSince(ledger, since));
  }
}

async function quarantine({ ledger, policy }: MeasureDeps): Promise<Quarantined[]> {
  const open = (await Promise.all([...Object.keys(policy.tenants), NO_TENANT].map((tenant) => openEntries(ledger, tenant)))).flat();
  gauge(METRIC.quarantineOpen, open.length);
  return open;
}

/** Looks at the orders as a whole, for alarms and the dashboard, and at whether nobody is forgotten. Once an invocation: what it reads is bounded, and not free. */
export async function measure(deps: MeasureDeps): Promise<void> {
  await lines(deps);
  const entries = await quarantine(deps);
  await lateAnswers(deps);
  await proveTasks(deps, await orders(deps), entries);
}
