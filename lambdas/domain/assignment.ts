import type { OwnerGroup } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { memberOf, membersText } from './owners.ts';

/** Who shall look after a question; undefined: nobody in particular. Says nothing about who may answer. */
export interface Assignment {
  readonly to: string | undefined;
  readonly by: string;
  readonly reason: string;
}

/** Who looks after a question, and who said so. */
export interface Assigned {
  readonly assignee?: string | undefined;
  readonly assigned?: { readonly by: string; readonly at: string; readonly reason: string } | undefined;
}

/** What changes of a question when another group is asked: it begins to be asked now, and nobody of it looks after the question yet. */
export const handedTo = (owner: OwnerGroup, level: number, now: string, dueAt: string) =>
  ({ owner, level, askedAt: now, dueAt, assignee: undefined, assigned: undefined }) as const;

/** Both belong to the group that is asked now, or stand in for a member. @returns why it cannot be, or what becomes of the question */
export function assignmentOf(
  policy: Pick<Policy, 'owners'>,
  owner: OwnerGroup,
  { to, by, reason }: Assignment,
  now: string,
): Assigned | { readonly why: string } {
  const stranger = [by, to].find((person) => person !== undefined && memberOf(policy, owner, person) === undefined);
  if (stranger !== undefined) return { why: `${stranger} is not of the group ${owner}, which is asked: ${membersText(policy, owner)}` };
  return { assignee: to, assigned: { by, at: now, reason } };
}
