// Starts or stops the smallest environment, nothing but a cloud, in the home that QUOTEBRIDGE_HOME names: `start PORT` or `stop`.
import { command } from '../../local/command.ts';
import { startEnvironment, stopEnvironment, stopOwnEnvironment } from '../../local/environment.ts';

const [action, port] = process.argv.slice(2);
await command(
  async (signal) => {
    if (action === 'stop') await stopEnvironment();
    else console.log(JSON.stringify(await startEnvironment({ cloud: { name: 'ministack' }, port: Number(port), only: 'cloud', signal })));
    return 0;
  },
  async () => {
    await stopOwnEnvironment();
    return 'cleaned up';
  },
);
