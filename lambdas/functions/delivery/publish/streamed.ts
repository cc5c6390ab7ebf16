import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { Fact } from '../../../ledger/append.ts';
import type { StreamedFact } from './forward.ts';

/** The facts of a stream batch; the event source lets inserts of facts through and nothing else. */
export const streamed = ({ Records }: DynamoDBStreamEvent): StreamedFact[] =>
  Records.map(({ dynamodb }) => {
    const { pk, seq, event } = unmarshall((dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>) as unknown as Fact & { pk: string };
    return { orderKey: pk.slice(2), seq, event };
  });
