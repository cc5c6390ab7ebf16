/** Who asks, as whatever stands in front of the board has found out: a login on a laptop, an authorizer on AWS. */
export interface Visitor {
  /** As the ledger keeps it: `board:` and the name. */
  readonly actor: string;
  readonly name: string;
  /** A token for one form. @param form what the form is for; the token is good for nothing else */
  issue(form: string): string;
  /** Takes a token out of use. unknown: it was not issued to this visitor, or for another form */
  spend(form: string, token: string | undefined): 'fresh' | 'used' | 'unknown';
}

/** The form that a log-out is sent with. */
export const LOG_OUT = 'log-out';

/** The fields of a form, each as often as it was sent. */
export type Form = Readonly<Record<string, readonly string[] | undefined>>;

/** The only value of a field, or the first. */
export const field = (form: Form | undefined, name: string): string | undefined => form?.[name]?.[0];
