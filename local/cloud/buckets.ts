import { DeleteObjectsCommand, ListBucketsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { s3 } from './clients.ts';

/**
 * Empties the buckets of the project, every version of every object, since no cloud removes a bucket that holds something. The CDK's own bucket
 * for assets stays. Local clouds call no custom resources, so `autoDeleteObjects` would not do it.
 */
export async function emptyBuckets(endpoint: string, abortSignal?: AbortSignal): Promise<number> {
  const client = s3(endpoint);
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}), { abortSignal });
  const ours = Buckets.flatMap(({ Name }) => (Name?.startsWith('quotebridge-') ? [Name] : []));
  const counts = await Promise.all(ours.map((bucket) => emptyBucket(client, bucket)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function emptyBucket(client: S3Client, bucket: string): Promise<number> {
  for (let deleted = 0; ; ) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId }));
    if (objects.length === 0) return deleted;
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }));
    if (Errors.length > 0) throw new Error(`${bucket}: ${Errors[0]?.Key}: ${Errors[0]?.Message}`);
    deleted += objects.length;
  }
}
