import { setTimeout as pause } from 'node:timers/promises';
import type { Head } from '../../lambdas/domain/head.ts';
import { ended } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import { LedgerRestoring } from '../../lambdas/ledger/epoch.ts';
import { listQuarantine, NO_TENANT } from '../../lambdas/ledger/quarantine.ts';
import { lineage } from '../../lambdas/ledger/queries.ts';
import { commandLine } from '../../lambdas/views/next-command.ts';
import type { Context } from '../context.ts';
import { Refused } from '../failure.ts';
import { bad, type Check, type Finding, ok } from './finding.ts';

/** An order takes seconds; a cold start, a line before the ERP and a subscriber's second try fit in this. */
const PATIENCE_MS = 180_000;
const EVERY_MS = 500;

/** A canonical `quote.accepted.v1` of one line, as any producer may send it. @throws {Refused} when the stage configures none */
export function smokeEvent({ config }: Pick<Context, 'config'>, id: string, now: string) {
  const { smoke } = config;
  if (!smoke)
    throw new Refused(
      `Stage ${config.stage} has no "smoke" in its configuration: no tenant is named whose orders may be made for a test.`,
      `config/${config.stage}.ts: smoke: { tenant, cpq, region, businessUnit, customer, country, currency, product, listPrice }`,
    );
  const { tenant, cpq, customer, country, currency, product, listPrice } = smoke;
  const header = { cpq, id, number: id, revision: 1, currency, total: listPrice };
  const line = { id: '1', product, quantity: '1', listPrice, netPrice: listPrice, amount: listPrice };
  const content = {
    parties: [
      { role: 'sold-to', customer },
      { role: 'ship-to', customer, address: { country } },
    ],
    lines: [line],
  };
  const detail = {
    specversion: '1.0',
    id,
    source: 'quotebridge.smoke',
    type: 'quote.accepted.v1',
    time: now,
    tenant,
    region: smoke.region,
    businessunit: smoke.businessUnit,
    correlationid: id,
    data: { quote: header, acceptedAt: now, content },
  };
  return { orderKey: orderKeyOf(tenant, cpq, id, 1), tenant, event: { source: detail.source, 'detail-type': detail.type, detail } };
}

/** How often it is said what is waited for. */
const SAY_EVERY_MS = 10_000;

/** @param waiting what to say while it is waited for */
async function until<T>(probe: () => Promise<T | undefined>, end: number, waiting: () => Promise<void>): Promise<T | undefined> {
  let said = Date.now();
  for (;;) {
    const found = await probe();
    if (found !== undefined || Date.now() > end) return found;
    if (Date.now() - said > SAY_EVERY_MS) {
      said = Date.now();
      await waiting();
    }
    await pause(EVERY_MS);
  }
}

/** Why no order came of it: the intake refused the event, or nobody has it yet. */
async function whyNot({ ledger, config }: Context, tenant: string, since: string): Promise<Finding> {
  const entries = (await Promise.all([tenant, NO_TENANT].map((one) => listQuarantine(ledger, one)))).flat();
  const refused = entries.find(({ at, source }) => at >= since && source === 'quotebridge.smoke');
  if (refused)
    return bad('smoke', `the quote was refused: ${refused.code}: ${refused.detail}`, commandLine(`quarantine show ${refused.id}`, config.stage));
  return bad(
    'smoke',
    `the quote is not an order after ${PATIENCE_MS / 1000} s`,
    'The intake or the starter does not run: look at the lines "queues" and "dead letters" above.',
  );
}

const isEnd = (head: Head): boolean => !head.run.active && (head.wait !== undefined || head.state === 'completed' || ended(head));

/** Subscribers that have not acknowledged the newest event that they should have. */
async function behind({ ledger, config }: Context, orderKey: string): Promise<string[]> {
  const { facts, deliveries } = await lineage(ledger, orderKey);
  return Object.entries(config.policy.subscribers).flatMap(([name, { events }]) => {
    const newest = facts.findLast(({ event }) => events.some((prefix) => event.type.startsWith(prefix)))?.seq ?? 0;
    return (deliveries.find(({ subscriber }) => subscriber === name)?.sequence ?? 0) < newest ? [name] : [];
  });
}

/** Sends one quote of the test tenant and follows it to the ERP and to the last subscriber. */
export const smoke =
  (context: Context, say: (text: string) => void): Check =>
  async () => {
    const began = Date.now();
    const now = context.ledger.stamp();
    const { orderKey, tenant, event } = smokeEvent(context, `smoke-${now.replaceAll(/[^\d]/g, '')}`, now);
    await context.putInbound(event);
    say(`The other checks are done. Quote ${event.detail.id} was sent; it is followed for at most ${PATIENCE_MS / 60_000} minutes.`);
    const end = began + PATIENCE_MS;
    /** While orders of another tenant are brought back, nobody can tell whose an order is that is not there. */
    const read = () =>
      context.ledger.read(orderKey).catch(async (error: unknown) => {
        if (!(error instanceof LedgerRestoring)) throw error;
        await context.ledger.restoreOf(tenant);
        return undefined;
      });
    const head = await until(
      async () => {
        const found = await read();
        return found && isEnd(found) ? found : undefined;
      },
      end,
      async () => say(`Waiting for order ${orderKey} to come to its end.`),
    );
    if (!head) {
      const started = await read();
      const show = commandLine(`orders show ${orderKey}`, context.config.stage);
      return started ? bad('smoke', `order ${orderKey} is not at its end after ${PATIENCE_MS / 1000} s`, show) : whyNot(context, tenant, now);
    }
    const { wait } = head;
    if (wait)
      return bad(
        'smoke',
        `order ${orderKey} waits: ${wait.code}: ${wait.detail ?? ''}`,
        commandLine(`orders show ${orderKey}`, context.config.stage),
      );
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    const late = await until(
      async () => ((await behind(context, orderKey)).length === 0 ? ([] as string[]) : undefined),
      end,
      async () => say(`Order ${orderKey} is ${head.state}. Waiting for ${(await behind(context, orderKey)).join(', ')} to acknowledge it.`),
    );
    if (!late)
      return bad(
        'smoke',
        `order ${orderKey} is ${head.state}; not told yet: ${(await behind(context, orderKey)).join(', ')}`,
        commandLine(`lineage ${orderKey}`, context.config.stage),
      );
    return ok(
      'smoke',
      `quote to ERP order ${head.order?.number ?? head.order?.ref} in ${seconds} s, every subscriber knows; ${commandLine(`lineage ${orderKey}`, context.config.stage)}`,
    );
  };
