import type { ErrorCode } from '../../contracts/errors.ts';
import { VendorError } from './vendor-error.ts';

/** Who is called, and how its failures are named (contracts/errors.ts). */
export interface VendorProfile {
  /** For people, without address or credentials: `Tryton`. */
  readonly name: string;
  /** Nothing was done at the vendor, or the call only reads. */
  readonly unavailable: ErrorCode;
  /** A write went out and no trustworthy answer came back. A vendor that is only read names its `unavailable` again. */
  readonly unknown: ErrorCode;
  /** Is this 503 the vendor's own word that nothing was done? A proxy answers 503 as well, also to what it has passed on. */
  readonly didNothing?: (answer: VendorAnswer) => boolean;
}

export interface VendorRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A read may be repeated at will; a write may not (rule 2). Decides how a missing answer is classified. */
  readonly effect: 'read' | 'write';
  /** Milliseconds from now until the whole answer is read. */
  readonly deadlineMs: number;
}

export interface VendorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What the gateway stands on; tests pass their own. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** A signal that aborts with a TimeoutError after so many milliseconds. */
  readonly deadline: (ms: number) => AbortSignal;
}

/** Largest answer that is read, after decompression. */
const MAX_ANSWER_BYTES = 5_000_000;

/** A limit is looked at before the work. */
const THROTTLED = 429;
/**
 * Somebody between us and the work broke: whether the work was done is open. After 503, too: load balancers and proxies answer so when
 * the connection behind them ends, and RFC 9110 (15.6.4) does not say that the request was not processed.
 */
const BROKEN = new Set([500, 502, 503, 504]);

/** Causes that arise before a byte of the request is sent, as undici and Node name them. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
]);
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * The one way to a vendor (rule 9). Of the gates pause -> maintenance calendar -> circuit breaker -> rate permit -> retry budget ->
 * call, the last exists; the others belong in front of `send`, here and nowhere else. Answers with 429, 500, 502, 503 and 504 and
 * failures of the network are thrown, classified; every other answer is the connector's to read. It never follows a redirect, for
 * that would hand our credentials to another address.
 *
 * @throws VendorError `unavailable`/not-sent or `unknown`/unknown of the profile; its text holds neither address nor content.
 */
export async function callVendor(vendor: VendorProfile, request: VendorRequest, transport: Partial<Transport> = {}): Promise<VendorAnswer> {
  const answer = await send(vendor, request, { fetch, deadline: AbortSignal.timeout, ...transport });
  const { status } = answer;
  const detail = `${vendor.name} answered ${status}`;
  if (status === THROTTLED || (status === 503 && vendor.didNothing?.(answer))) throw notSent(vendor, detail, retryAfterOf(answer));
  if (BROKEN.has(status)) throw lost(vendor, request, detail, retryAfterOf(answer));
  return answer;
}

/** `Retry-After` in seconds, or as the time of a date (RFC 9110, 10.2.3). */
function retryAfterOf({ headers }: VendorAnswer, now = Date.now()): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

async function send(vendor: VendorProfile, request: VendorRequest, transport: Transport): Promise<VendorAnswer> {
  const { method, url, headers, body } = request;
  try {
    const response = await transport.fetch(url, {
      method,
      redirect: 'manual',
      signal: transport.deadline(request.deadlineMs),
      headers: { ...headers, connection: 'close' }, // a function that was frozen would write into a connection that the vendor closed long ago: unknown
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, body: await readLimited(response) };
  } catch (error) {
    throw classify(vendor, request, error);
  }
}

async function readLimited(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

class AnswerTooLarge extends Error {}

function classify(vendor: VendorProfile, request: VendorRequest, error: unknown): VendorError {
  if (error instanceof AnswerTooLarge) return lost(vendor, request, `${vendor.name} answered with more than ${MAX_ANSWER_BYTES} bytes`);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return lost(vendor, request, `${vendor.name} did not answer within ${request.deadlineMs} ms`);
  }
  const { code, connecting } = causeOf(error);
  if (connecting || NOT_CONNECTED.has(code) || CERTIFICATE.test(code)) {
    return notSent(vendor, `${vendor.name} cannot be reached (${code})`);
  }
  return lost(vendor, request, `${vendor.name} broke the connection (${code})`);
}

/** fetch hides the system's error one level down, in `cause`; only its code is passed on, for its text may hold an address. */
function causeOf(error: unknown): { code: string; connecting: boolean } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no code';
  return { code, connecting: cause instanceof Error && 'syscall' in cause && cause.syscall === 'connect' };
}

/** The request may have arrived: for a write that is an unknown effect. */
function lost(vendor: VendorProfile, request: VendorRequest, detail: string, retryAfter?: number): VendorError {
  return request.effect === 'write' ? new VendorError(vendor.unknown, 'unknown', detail, { retryAfter }) : notSent(vendor, detail, retryAfter);
}

const notSent = (vendor: VendorProfile, detail: string, retryAfter?: number): VendorError =>
  new VendorError(vendor.unavailable, 'not-sent', detail, { retryAfter });
