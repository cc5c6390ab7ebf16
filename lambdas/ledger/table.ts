import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';

/** A document client that leaves out undefined fields: optional means absent, in TypeScript and in the table. */
export const documentClient = (client = new DynamoDBClient({})): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

/** What one transaction writes. */
export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;
