import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { ministackVenv } from '../cloud/ministack.ts';
import { command } from '../command.ts';
import { startEnvironment, stopOwnEnvironment } from '../environment.ts';
import { runAlone } from '../tests.ts';

/** Explores the order's protocol, and holds its conditions against the DynamoDB of an embedded local cloud of its own. */
await command(
  async (signal) => {
    refuseRemoteEndpoint();
    try {
      await ministackVenv({ signal });
      await startEnvironment({ cloud: { name: 'ministack' }, port: 0, only: 'cloud', signal });
      return await runAlone({ tiers: ['protocol'], args: process.argv.slice(2) });
    } finally {
      await stopOwnEnvironment();
    }
  },
  async () => 'Nothing is left running.',
);
