import type { Milestone } from '../../contracts/events.ts';
import type { QuoteItem } from './head.ts';

/** The CPQ itself approved this revision, and has not rejected it since. */
export const approvedInCpq = ({ verdicts }: Pick<QuoteItem, 'verdicts'>, revision: number): boolean => verdicts?.[revision]?.milestone === 'approved';

/** A milestone of the CPQ as QUOTE keeps it: the newest stamp wins, of each milestone and of what is said of each revision. */
export function withMilestone(quote: QuoteItem, name: Milestone, revision: number, at: string): QuoteItem | undefined {
  const known = quote.milestones[name];
  const newer = !known || known.at < at;
  const verdict = quote.verdicts?.[revision];
  const said = (name === 'approved' || name === 'rejected') && (!verdict || verdict.at < at);
  if (!newer && !said) return undefined;
  return {
    ...quote,
    ...(newer && { milestones: { ...quote.milestones, [name]: { at, revision } } }),
    ...(said && { verdicts: { ...quote.verdicts, [revision]: { milestone: name, at } } }),
  };
}
