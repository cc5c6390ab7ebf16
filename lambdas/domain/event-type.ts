import { Rejected } from './rejected.ts';

const nameOf = (type: string): string => type.replace(/\.v\d+$/, '');

/** The definition of an event type. Throws Rejected EVENT_VERSION_UNKNOWN where only another major is known, else EVENT_TYPE_UNKNOWN. */
export function definitionOf<Definition extends { readonly type: string }>(definitions: readonly Definition[], type: string): Definition {
  const definition = definitions.find((event) => event.type === type);
  if (definition) return definition;
  const versions = definitions.map((event) => event.type).filter((known) => nameOf(known) === nameOf(type));
  if (versions.length > 0) throw new Rejected('EVENT_VERSION_UNKNOWN', `${type}; known: ${versions.join(', ')}`);
  throw new Rejected('EVENT_TYPE_UNKNOWN', type.slice(0, 100));
}
