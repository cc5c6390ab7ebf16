import { loadConfig } from '../config/index.ts';
import { composeApp } from '../lib/app.ts';

/** The entry point of `cdk`: QUOTEBRIDGE_STAGE names the configuration, QUOTEBRIDGE_CLOUD the local cloud that it is meant for. */
const config = await loadConfig(process.env.QUOTEBRIDGE_STAGE ?? 'local', process.env.QUOTEBRIDGE_CLOUD);
composeApp(config).synth();
