/** An answer of the REST API that is not a success: an array of `{message, errorCode}`, as Salesforce documents it. */
export class Failure extends Error {
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }

  get body(): unknown {
    return [{ message: this.message, errorCode: this.errorCode }];
  }
}

export const notFound = (): Failure => new Failure(404, 'NOT_FOUND', 'The requested resource does not exist');
