import { existsSync } from 'node:fs';
import { type StageConfig, stageConfig } from './schema.ts';

/** `config/<stage>.ts` is missing or wrong; the message says where and what. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads and validates `config/<stage>.ts`.
 * @param cloud replaces the file's `cloud` on a local stage (the same stage runs on both local clouds); on an AWS stage it may only repeat it.
 * @throws {ConfigurationError} naming file, path and what was expected.
 */
export async function loadConfig(stage: string, cloud?: string): Promise<StageConfig> {
  const file = new URL(`./${stage}.ts`, import.meta.url);
  if (!/^[a-z][a-z0-9]*$/.test(stage) || ['index', 'schema'].includes(stage) || !existsSync(file))
    throw new ConfigurationError(`There is no stage "${stage}": config/${stage}.ts is missing. Copy config/example.ts to make one.`);
  const module = (await import(file.href)) as { default: object };
  return parseConfig(`config/${stage}.ts`, cloud ? withCloud(stage, module.default, cloud) : module.default);
}

/** @throws {ConfigurationError} with one line for each wrong value: `config/local.ts: policy.erps.main.maxInFlight: expected ...`. */
export function parseConfig(file: string, input: unknown): StageConfig {
  const result = stageConfig.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${file}: ${[...issue.path, key].join('.')}: expected no such setting`)
      : [`${file}: ${issue.path.join('.')}: ${issue.message.replace(/^[\w ]+: (?=expected)/, '')}`],
  );
  throw new ConfigurationError(lines.join('\n'));
}

function withCloud(stage: string, input: object, cloud: string): object {
  const own = 'cloud' in input ? input.cloud : undefined;
  if ((own === 'aws') !== (cloud === 'aws'))
    throw new ConfigurationError(`config/${stage}.ts: cloud: expected ${String(own)}, but this command deploys to ${cloud}`);
  return { ...input, cloud };
}
