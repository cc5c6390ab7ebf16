import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorCode } from '../contracts/errors.ts';
import { RUNBOOK, RUNBOOK_OF_CODE, runbookPath } from '../contracts/runbooks.ts';

const WHEN: Record<string, string> = {
  soon: 'by itself, within seconds',
  hold: 'by itself, when the vendor is back',
  settle: 'by itself, after the settle time',
  person: 'when somebody has decided or corrected',
  never: 'none, the input is refused for good',
};

const runbookOf = (code: ErrorCode): string => {
  const name = RUNBOOK_OF_CODE[code];
  return `[${RUNBOOK[name].title}](${runbookPath(name)})`;
};

/** docs/errors.md as it has to be: one section for each code, so that each has a stable address. */
export function errorsPage(): string {
  const sections = Object.entries(ERRORS).map(
    ([code, { class: group, owner, retry, status, title, cure }]) =>
      `## ${code}\n${title}.\n\n- Class: ${group}; owner: ${owner}; HTTP status ${status}\n- Retry: ${WHEN[retry]}\n- What to do: ${cure}\n- Runbook: ${runbookOf(code as ErrorCode)}\n`,
  );
  return `# Error codes\nGenerated from \`contracts/errors.ts\` by \`npm run docs\`.\n\n${sections.join('\n')}`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'errors.md'), errorsPage());
