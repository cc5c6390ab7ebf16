import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DocumentReference } from '../../contracts/events.ts';
import { type QuoteDocument, quoteDocument } from '../../contracts/quote.ts';
import { Stop } from '../domain/errors.ts';
import { canonicalJson, contentHashOf, hashOf } from '../domain/identity.ts';

export type Documents = ReturnType<typeof createDocuments>;

/**
 * Documents travel by reference (rule 13): the quote, and what the steps of a run worked out, stand in the bucket under names that
 * hold their content hash; a write of the same content is the same object.
 */
export function createDocuments({ bucket, client = new S3Client({ forcePathStyle: true }) }: { bucket: string; client?: S3Client }) {
  const put = (key: string, body: string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }));

  /** Throws Stop DOCUMENT_MISSING. */
  async function text(key: string): Promise<string> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      if (error instanceof NoSuchKey) throw new Stop('DOCUMENT_MISSING', `no document ${key}`);
      throw error;
    }
  }

  const get = async (key: string): Promise<unknown> => JSON.parse(await text(key));

  return {
    bucket,
    put,
    text,
    get,
    async storeQuote(tenant: string, orderKey: string, document: QuoteDocument): Promise<DocumentReference> {
      const hash = contentHashOf(document);
      const key = `quotes/${tenant}/${orderKey}/${hash}.json`;
      await put(key, canonicalJson(document));
      return { key, hash };
    },
    /** Throws Stop DOCUMENT_MISSING. */
    async readQuote(reference: DocumentReference): Promise<QuoteDocument> {
      return quoteDocument.parse(await get(reference.key));
    },
    /** What a step worked out. The hash is over `identity`, the part that makes two results the same for the next steps. */
    async storeWorking(orderKey: string, step: string, working: unknown, identity: unknown = working): Promise<{ hash: string; ref: string }> {
      const ref = `workings/${orderKey}/${step}-${hashOf(working).slice(0, 32)}.json`;
      await put(ref, canonicalJson(working));
      return { hash: hashOf(identity), ref };
    },
  };
}
