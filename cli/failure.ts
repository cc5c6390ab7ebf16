/** Refused or failed: exit code 1. The cure goes to stderr with it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly cure: string;

  constructor(what: string, cure: string, options?: ErrorOptions) {
    super(what, options);
    this.cure = cure;
  }
}

/** The command line is wrong: exit code 2. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** What a command found out is printed already; exit code 1. */
export class CameOutBadly extends Error {
  override readonly name = 'CameOutBadly';
}
