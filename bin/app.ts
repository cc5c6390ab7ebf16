import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/index.ts';
import { composeApp } from '../lib/app.ts';
import { bundleFunctions } from '../lib/constructs/bundle.ts';

/** The entry point of `cdk`: QUOTEBRIDGE_STAGE names the configuration, QUOTEBRIDGE_CLOUD the local cloud that it is meant for. */
const config = await loadConfig(process.env.QUOTEBRIDGE_STAGE ?? 'local', process.env.QUOTEBRIDGE_CLOUD);
const code = fileURLToPath(new URL(`../dist/${config.stage}-${config.cloud}`, import.meta.url));
bundleFunctions(config, code);
composeApp({ config, code }).synth();
