import type { Milestone } from '../../contracts/events.ts';
import type { QuoteItem } from './head.ts';

/**
 * A milestone of the CPQ as QUOTE keeps it: the newest stamp wins, of each milestone and of what is said of each revision. Of an approval and a
 * rejection with one stamp the rejection does, in whatever order they come: rather is a person asked once too often.
 */
export function withMilestone(quote: QuoteItem, name: Milestone, revision: number, at: string): QuoteItem | undefined {
  const known = quote.milestones[name];
  const newer = !known || known.at < at;
  const verdict = quote.verdicts?.[revision];
  const said =
    (name === 'approved' || name === 'rejected') &&
    (!verdict || verdict.at < at || (verdict.at === at && name === 'rejected' && verdict.milestone !== name));
  if (!newer && !said) return undefined;
  return {
    ...quote,
    ...(newer && { milestones: { ...quote.milestones, [name]: { at, revision } } }),
    ...(said && { verdicts: { ...quote.verdicts, [revision]: { milestone: name, at } } }),
  };
}
