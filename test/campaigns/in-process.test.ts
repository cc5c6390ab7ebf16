import { describe } from 'vitest';
import { histories, schedules, stalled } from '../protocol/histories/campaigns.ts';
import { explorations } from './exploration.ts';
import { again, campaign, settings } from './support/runner.ts';
import { IN_PROCESS } from './support/settings.ts';

const mine = settings.names.filter((name) => (IN_PROCESS as readonly string[]).includes(name));
if (mine.length > 0) console.log(`In process: ${again(mine)}`);

describe('the invariants hold in process:', () => {
  campaign('exploration', 'in every state of each scope', async () => explorations(settings));
  campaign('histories', 'in random histories of three revisions', () => histories(settings));
  campaign('stalled', 'when a function stands still while its successors finish', () => stalled(settings));
  campaign('schedules', 'when two runs, two people, a cancellation and a late answer meet', () => schedules(settings));
});
