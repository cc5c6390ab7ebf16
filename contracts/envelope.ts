import * as z from 'zod';
import { identifier } from './quote.ts';

/**
 * CloudEvents 1.0 in structured mode, as it stands in `detail` of an EventBridge event. Extension attributes are lower-case without
 * separators, as the specification asks; `traceparent` is the Distributed Tracing extension.
 */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().min(1).max(200),
  type: z.string().regex(/^[a-z-]+\.[a-z-]+\.v\d+$/, '<entity>.<past-tense>.v<major>'),
  subject: z.string().max(300).optional(),
  time: z.iso.datetime({ offset: true }),
  dataschema: z.string().max(300).optional(),
  datacontenttype: z.literal('application/json').optional(),
  tenant: identifier,
  region: identifier.optional(),
  businessunit: identifier.optional(),
  correlationid: z.string().max(200).optional(),
  causationid: z.string().max(200).optional(),
  traceparent: z.string().max(60).optional(),
});
export type Envelope = z.infer<typeof envelope>;

export type CloudEvent<T> = Envelope & { data: T };

/** One contract object is used by producer, rule pattern, validator and schema generator. */
export interface EventDefinition<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly data: Data;
  readonly schema: z.ZodType<CloudEvent<z.infer<Data>>>;
  /** EventBridge pattern: `detail-type` equals the CloudEvents type. */
  readonly pattern: { readonly detailType: string[] };
  readonly summary: string;
}

export function defineEvent<Type extends string, Data extends z.ZodType>(type: Type, summary: string, data: Data): EventDefinition<Type, Data> {
  const schema = envelope.extend({ type: z.literal(type), data }) as unknown as z.ZodType<CloudEvent<z.infer<Data>>>;
  return { type, data, schema, pattern: { detailType: [type] }, summary };
}

export type EventOf<D> = D extends EventDefinition<string, infer Data> ? CloudEvent<z.infer<Data>> : never;
