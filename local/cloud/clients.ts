import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** How an SDK client reaches a local cloud, whatever the user's environment says. */
export const localClient = (endpoint: string) => ({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

export const s3 = (endpoint: string): S3Client => new S3Client({ ...localClient(endpoint), forcePathStyle: true });
export const secretsManager = (endpoint: string): SecretsManagerClient => new SecretsManagerClient(localClient(endpoint));
