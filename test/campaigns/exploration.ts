import { type Exploration, explore, type Limits, Unfinished } from '../protocol/explorer/explore.ts';
import type { Scope } from '../protocol/explorer/machine.ts';
import { LARGE, SMALL } from '../protocol/scopes.ts';
import type { Findings } from './support/figures.ts';
import type { Settings } from './support/settings.ts';

/** The short form is one scope: the small ones have a test of their own (test/protocol/exploration.test.ts). */
const SHORT = { 'two revisions, cancel': SMALL['two revisions, cancel'] };
/** Of one scope; memory is taken as states are met: 30 million states are about 3 GB. */
const LIMITS: Limits = { states: 30_000_000, seconds: 150 };

function within(scope: Scope, limits: Limits): Exploration | Unfinished {
  try {
    return explore(scope, undefined, limits);
  } catch (error) {
    if (error instanceof Unfinished) return error;
    throw error;
  }
}

/** What came of a scope, in words; throws where an invariant did not hold. */
function found(name: string, scope: Scope, limits: Limits): { looked: number; whole: boolean; line: string } {
  const whole = within(scope, limits);
  if (whole instanceof Unfinished) {
    const { looked } = whole;
    return {
      looked,
      whole: false,
      line: `not whole: the first ${looked.toLocaleString('en')} states, breadth first, within ${limits.seconds} s; I4 is not known`,
    };
  }
  const { states, transitions, seconds, violation } = whole;
  if (violation) throw new Error(`${name}: ${violation.what}\n${violation.trace}`);
  return {
    looked: states,
    whole: true,
    line: `${states.toLocaleString('en')} states, ${transitions.toLocaleString('en')} steps, ${Math.round(seconds)} s`,
  };
}

/** Every state of each scope, one after the other; of one that does not end within its limits the row says so. */
export function explorations({ form, part }: Pick<Settings, 'form' | 'part'>, limits = LIMITS): Findings {
  const all = Object.entries<Scope | undefined>(form === 'short' ? SHORT : LARGE);
  const scopes = all.slice(0, Math.ceil(part * all.length));
  let looked = 0;
  let whole = 0;
  const lines = scopes.map(([name, scope]): [string, string] => {
    if (!scope) throw new Error(`there is no scope "${name}"`);
    const one = found(name, scope, limits);
    console.log(`${name}: ${one.line}`); // the next takes minutes
    looked += one.looked;
    if (one.whole) whole++;
    return [name, one.line];
  });
  return { verdict: { looked, at: `states, ${whole} of ${scopes.length} scopes whole`, violations: 0 }, lines };
}
