import type { OwnerGroup } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { isAmong } from '../../contracts/tasks.ts';
import { SYSTEM } from './head.ts';

/** Stands for whoever can reach the system. */
const ANYBODY = '*';

/**
 * As which member of the group does this person act? As itself, or as the member that it stands in for; undefined: it has no say.
 * The system itself acts for every group: with the default that the policy names.
 */
export function memberOf({ owners }: Pick<Policy, 'owners'>, group: OwnerGroup, person: string): string | undefined {
  const { members, deputies } = owners[group];
  if (person === SYSTEM || members.includes(person)) return person;
  const [absent] = Object.entries(deputies).find(([member, deputy]) => deputy === person && isAmong(members, member)) ?? [];
  return absent ?? (isAmong(members, person) ? person : undefined);
}

/** Who may be asked, for people. */
export function membersText({ owners }: Pick<Policy, 'owners'>, group: OwnerGroup): string {
  const { members, deputies } = owners[group];
  const standIns = Object.entries(deputies).map(([member, deputy]) => `${deputy} (for ${member})`);
  return members.includes(ANYBODY) ? 'anybody' : [...members, ...standIns].join(', ') || 'nobody yet';
}

/** What others call this person: "cli:anna", "board:anna" and the ARN "...:assumed-role/Finance/Anna" are "anna". */
const nameOf = (person: string): string => person.replace(/^(cli:|board:|arn:.*\/)/, '').toLowerCase();

/**
 * Are these two names of one person, by whichever way it comes? A name without a domain is taken for anybody's with that name ("anna" for
 * "anna@example.com"): rather is an approval refused to a namesake than given by who asked for it.
 */
export function isSamePerson(one: string, other: string): boolean {
  const [a, b] = [nameOf(one), nameOf(other)];
  return a === b || a.split('@')[0] === b || b.split('@')[0] === a;
}
