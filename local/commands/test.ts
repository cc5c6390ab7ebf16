import { BRING_UP_PHASES, bringUp } from '../bring-up.ts';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { stopOwnEnvironment } from '../environment.ts';
import { Progress } from '../progress.ts';
import { conclude, runTiers } from '../tests.ts';

/** Runs every tier against an environment of its own on the embedded local cloud. */
await command(
  async (signal) => {
    refuseRemoteEndpoint();
    try {
      const progress = new Progress(BRING_UP_PHASES);
      await bringUp(progress, { cloud: { name: 'ministack' }, port: 0, signal });
      const results = await runTiers({ cloud: 'ministack' });
      signal.throwIfAborted();
      console.log(`\nThe whole run took ${progress.elapsed()}.`);
      return conclude(results, 'ministack');
    } finally {
      await stopOwnEnvironment();
    }
  },
  async () => 'Nothing is left running; the next run starts over.',
);
