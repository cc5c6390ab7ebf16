import type { IncomingMessage } from 'node:http';
import type { Form } from '../../lambdas/board/visitor.ts';

/** A confirmation of a hundred decisions has 10 KB. */
const MOST_BYTES = 64 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/** A request that nothing looks at; the text says why. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MOST_BYTES) throw new RefusedRequest(413, `A form has at most ${MOST_BYTES} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * The fields of a form that a page of this board has sent. @param own the origin of the board, as it was asked for: a page elsewhere
 * cannot pretend to be of it, and a client that names none has no business here
 * @throws {RefusedRequest}
 */
export async function readForm(request: IncomingMessage, own: string): Promise<Form> {
  const { origin = '', 'content-type': type = '', 'content-length': length = '0' } = request.headers;
  if (origin !== own) throw new RefusedRequest(403, 'Forms are taken from pages of this board only.');
  if (type.split(';')[0]?.trim().toLowerCase() !== FORM) throw new RefusedRequest(415, `A form is sent as ${FORM}.`);
  if (Number(length) > MOST_BYTES) throw new RefusedRequest(413, `A form has at most ${MOST_BYTES} bytes.`);
  const fields = new URLSearchParams(await bodyOf(request));
  const all = [...new Set(fields.keys())].map((name) => [name, fields.getAll(name)] as const);
  return Object.assign(Object.create(null), Object.fromEntries(all));
}

/** One cookie of a request. */
export const cookieOf = ({ headers: { cookie = '' } }: IncomingMessage, name: string): string | undefined =>
  cookie
    .split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
