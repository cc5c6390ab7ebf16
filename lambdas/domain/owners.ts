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
