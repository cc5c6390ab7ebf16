import { afterAll, beforeAll, describe } from 'vitest';
import { intercept, type LedgerFaults } from '../support/intercept.ts';
import { connectStage } from '../support/stage.ts';
import { deaths } from './deaths.ts';
import { decisions } from './decisions.ts';
import { redeploy } from './deploy.ts';
import { faults } from './faults.ts';
import { flood } from './flood.ts';
import { kill } from './kill.ts';
import { ledger as crowd } from './ledger.ts';
import { replay } from './replay.ts';
import { restoring } from './restore.ts';
import { revisions } from './revisions.ts';
import { steps } from './steps.ts';
import { again, campaign, settings } from './support/runner.ts';
import type { CampaignName } from './support/settings.ts';
import { undo } from './undo.ts';

const { form, names, seed, part } = settings;
const stage = connectStage();
const world = { stage, form, seed, part };
/**
 * Seconds that the ERP function may take meanwhile, so that a lost answer is settled after 17 s instead of 47, and a killed step gives its
 * place back after 15. Late answers that are longer than the deadline of a call to Tryton need the time that is deployed.
 */
const timeoutSeconds = form === 'long' && names.includes('faults') ? undefined : 15;

const [ERP, ORDER, TAX] = ['QuoteToOrderErpFunction', 'QuoteToOrderOrderFunction', 'QuoteToOrderTaxFunction'] as const;
/** Whose calls to the ledger go through a fault proxy, for which campaign. */
const INTERCEPTED: Partial<Record<CampaignName, readonly string[]>> = {
  kill: [ERP],
  faults: [ERP],
  steps: [ERP, ORDER, TAX],
  undo: [ERP, ORDER, TAX],
  deaths: [ERP, ORDER, TAX],
  deploy: [ERP],
  revisions: [ERP, ORDER],
};

let ledger: LedgerFaults;
/** The rules of the campaign `faults` meet every write at the ERP: in the short form the others begin when they are gone. */
const faultless = Promise.withResolvers<void>();

beforeAll(async () => {
  console.log(`Campaigns ${names.join(', ')}, ${form} form, seed ${seed}: ${again(names)}`);
  if (!names.includes('faults')) faultless.resolve();
  const functions = [...new Set(names.flatMap((name) => INTERCEPTED[name] ?? []))];
  ledger = await intercept(
    stage,
    functions.map((name) => ({ name, timeoutSeconds: name === ERP ? timeoutSeconds : undefined })),
  );
});
afterAll(() => ledger?.stop());

describe.concurrent('one order each or somebody knows:', () => {
  campaign('faults', 'answers are lost, late or refused', () => faults(world, faultless.resolve).finally(faultless.resolve)); // also when it fails before
  campaign('kill', 'the process is killed at six points of an effect', () => faultless.promise.then(() => kill(world, ledger)));
  campaign('replay', 'everything comes again out of the dead-letter queues, while processes die', () => replay(world));
  campaign('steps', 'every step fails', () => faultless.promise.then(() => steps(world, ledger)));
  campaign('undo', 'every step fails, the order is cancelled, and every compensation fails', () => faultless.promise.then(() => undo(world, ledger)));
  campaign('deaths', 'starters and executions die', () => faultless.promise.then(() => deaths(world, ledger)));
  campaign('restore', 'the ledger is lost and comes back from a backup', () => faultless.promise.then(() => restoring(world)));
  campaign('revisions', 'the next revision or a withdrawal comes in every state', () => faultless.promise.then(() => revisions(world, ledger)));
  campaign('decisions', 'people decide again and again, two at once, too late', () => faultless.promise.then(() => decisions(world, { ledger })));
  campaign('deploy', 'another state machine is deployed', () => faultless.promise.then(() => redeploy(world, ledger)));
  campaign('ledger', 'very many quotes come before the ledger and the starter alone', () => crowd(world));
  campaign('flood', 'many quotes come at once, some twice', () => faultless.promise.then(() => flood(world)));
});
