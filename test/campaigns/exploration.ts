import { type Exploration, explore, type Limits, Unfinished } from '../protocol/explorer/explore.ts';
import type { Scope } from '../protocol/explorer/machine.ts';
import { LARGE, SMALL } from '../protocol/scopes.ts';
import type { Findings } from './support/figures.ts';
import type { Settings } from './support/settings.ts';

/** The short form is one scope: the small ones have a test of their own (test/protocol/exploration.test.ts). */
const SHORT = { 'two revisions, cancel': SMALL['two revisions, cancel'] };
/** Of one scope; memory is taken as states are met: 30 million states are about 3 GB. */
const LIMITS: Limits = { states: 30_000_000, seconds: 300 };

function within(scope: Scope): Exploration | Unfinished {
  try {
    return explore(scope, undefined, LIMITS);
  } catch (error) {
    if (error instanceof Unfinished) return error;
    throw error;
  }
}

/** Every state of each scope, one after the other; of one that does not end within its limits the row says so. */
export function explorations({ form, part }: Pick<Settings, 'form' | 'part'>): Findings {
  const scopes = Object.entries(form === 'short' ? SHORT : LARGE).slice(0, form === 'short' ? 1 : Math.ceil(part * Object.keys(LARGE).length));
  let looked = 0;
  const lines = scopes.map(([name, scope]): [string, string] => {
    if (!scope) throw new Error(`there is no scope "${name}"`);
    const found = within(scope);
    if (found instanceof Unfinished) {
      looked += found.looked;
      return [name, `not whole: the first ${found.looked.toLocaleString('en')} states, breadth first, within ${LIMITS.seconds} s; I4 is not known`];
    }
    const { states, transitions, seconds, violation } = found;
    if (violation) throw new Error(`${name}: ${violation.what}\n${violation.trace}`);
    looked += states;
    return [name, `${states.toLocaleString('en')} states, ${transitions.toLocaleString('en')} steps, ${Math.round(seconds)} s`];
  });
  return { verdict: { looked, at: 'states', violations: 0 }, lines };
}
