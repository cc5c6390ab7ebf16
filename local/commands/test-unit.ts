import { command } from '../command.ts';
import { runAlone } from '../tests.ts';

/** Runs the tests that need nothing but Node. */
await command(() => runAlone({ tiers: ['unit'], args: process.argv.slice(2) }));
