import { resolve } from 'node:path';
import { loadConfig } from '../config/index.ts';
import { composeApp } from '../lib/app.ts';
import { bundleFunctions } from '../lib/constructs/bundle.ts';

/** The entry point of `cdk`: QUOTEBRIDGE_STAGE names the configuration, QUOTEBRIDGE_CLOUD the local cloud that it is meant for. */
const config = await loadConfig(process.env.QUOTEBRIDGE_STAGE ?? 'local', process.env.QUOTEBRIDGE_CLOUD);
// Beside the templates that refer to it, so that two syntheses at once do not meet.
const code = resolve(process.env.CDK_OUTDIR ?? 'dist', 'functions');
bundleFunctions(config, code);
composeApp({ config, code }).synth();
