import type { Milestone } from '../../contracts/events.ts';
import type { QuoteItem, Said } from './head.ts';

/** Of two with one stamp the later one here counts: rather is a person asked once too often about a rejection, and not about what was just made. */
const SAYS: readonly Milestone[] = ['created', 'submitted', 'approved', 'rejected'] satisfies Said[];
const says = (name: Milestone): name is Said => SAYS.includes(name);

/**
 * A milestone of the CPQ as QUOTE keeps it: the newest stamp wins, of each milestone and of what is said of each revision, in whatever order
 * they come. An approval that was taken back (the revision was submitted, or is a draft, again) is none.
 */
export function withMilestone(quote: QuoteItem, name: Milestone, revision: number, at: string): QuoteItem | undefined {
  const known = quote.milestones[name];
  const newer = !known || known.at < at;
  const before = quote.verdicts?.[revision];
  const said = says(name) && (!before || before.at < at || (before.at === at && SAYS.indexOf(before.milestone) < SAYS.indexOf(name)));
  if (!newer && !said) return undefined;
  return {
    ...quote,
    ...(newer && { milestones: { ...quote.milestones, [name]: { at, revision } } }),
    ...(said && { verdicts: { ...quote.verdicts, [revision]: { milestone: name, at } } }),
  };
}
