const display = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Names that people type and that are not the English name of the country. */
const ALIASES: Readonly<Record<string, string>> = { uk: 'GB', 'great britain': 'GB', usa: 'US', 'united states of america': 'US' };

let codes: Map<string, string> | undefined;

/** English name, lower case -> code, from ICU's data; withdrawn codes (DD, YU ...) are left out, as is ICU's `ZZ` for unknown. */
function codeByName(): Map<string, string> {
  const found = new Map(Object.entries(ALIASES));
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = display.of(code);
    if (name !== undefined && code !== 'ZZ' && new Intl.Locale(`und-${code}`).region === code) found.set(name.toLowerCase(), code);
  }
  return found;
}

/** CPQ's address fields are free text: "Germany" or "DE". undefined: neither the English name nor the ISO code of a country. */
export function countryCode(text: string): string | undefined {
  codes ??= codeByName();
  const wanted = text.trim();
  const byName = codes.get(wanted.toLowerCase());
  if (byName !== undefined) return byName;
  return wanted.length === 2 && [...codes.values()].includes(wanted.toUpperCase()) ? wanted.toUpperCase() : undefined;
}
