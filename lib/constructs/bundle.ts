import { chmodSync, copyFileSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { StageConfig } from '../../config/schema.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const functions = join(root, 'lambdas/functions');
const runtime = join(root, 'local/runtime');

/** Dependencies that are CommonJS inside call `require`, which an ES module does not have. */
const requireBanner = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

/**
 * Bundles every function in one esbuild call (25 functions take about as long as 3 calls for one each) into
 * `<outdir>/<feature>/<function>/`: the code, and the stage's policy beside it. Names stay unminified: error names are an interface.
 */
export function bundleFunctions(config: StageConfig, outdir: string): void {
  const entries = globSync('*/*/handler.ts', { cwd: functions }).map(dirname);
  rmSync(outdir, { recursive: true, force: true });
  buildSync({
    entryPoints: entries.map((name) => ({ in: join(functions, name, 'handler.ts'), out: join(name, 'index') })),
    outdir,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    banner: { js: requireBanner },
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'error',
  });
  for (const name of entries) {
    writeFileSync(join(outdir, name, 'policy.json'), JSON.stringify(config.policy));
    if (config.cloud === 'ministack') addRuntime(join(outdir, name));
  }
}

/** MiniStack hands a function's error name on for custom runtimes only, so there the functions bring Node's event loop themselves. */
function addRuntime(folder: string): void {
  for (const file of ['bootstrap', 'loop.mjs']) copyFileSync(join(runtime, file), join(folder, file));
  chmodSync(join(folder, 'bootstrap'), 0o755);
}
