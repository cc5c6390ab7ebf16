import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../contracts/errors.ts';

const WHEN: Record<string, string> = {
  soon: 'by itself, within seconds',
  hold: 'by itself, when the vendor is back',
  settle: 'by itself, after the settle time',
  person: 'when somebody has decided or corrected',
  never: 'none, the input is refused for good',
};

/** docs/errors.md as it has to be: one section for each code, so that each has a stable address. */
export function errorsPage(): string {
  const sections = Object.entries(ERRORS).map(
    ([code, { class: group, owner, retry, status, title, cure }]) =>
      `## ${code}\n${title}.\n\n- Class: ${group}; owner: ${owner}; HTTP status ${status}\n- Retry: ${WHEN[retry]}\n- What to do: ${cure}\n`,
  );
  return `# Error codes\nGenerated from \`contracts/errors.ts\` by \`npm run docs\`.\n\n${sections.join('\n')}`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'errors.md'), errorsPage());
