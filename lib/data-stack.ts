import type { App } from 'aws-cdk-lib';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, type ManagedPolicy, PolicyDocument, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { acknowledge, documentAccess } from './constructs/permissions.ts';
import { type Deployment, nameOf, publish } from './deployment.ts';
import { Publisher } from './features/delivery.ts';

/** The two tables and the bucket; `documentAccess` lets a function read documents and write those of its kind. */
export interface Stores {
  readonly ledger: ITable;
  readonly runtime: Table;
  readonly documents: Bucket;
  readonly documentAccess: Readonly<Record<'intake' | 'steps', ManagedPolicy>>;
}

/** Index -> partition and sort key. All are sparse: an item without the attributes is not in the index. */
const LEDGER_INDEXES = {
  sweep: ['sweepShard', 'sweepAt'],
  cause: ['cause', 'causeSince'],
  admission: ['admission', 'admissionSince'],
  day: ['day', 'dayKey'],
  tasks: ['taskOwner', 'taskDue'],
} as const;

const ledgerName = (config: Deployment['config']): string => nameOf(config, config.ledgerTable);

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** What has to survive: ledger, runtime state and documents, and the publisher that reads the ledger's stream. */
export class DataStack extends Stack implements Stores {
  /** By its name: an export that another stack imports could not change, and a restored ledger is another table. */
  readonly ledger: ITable;
  readonly runtime: Table;
  readonly documents: Bucket;
  readonly documentAccess: Readonly<Record<'intake' | 'steps', ManagedPolicy>>;

  constructor(app: App, deployment: Deployment) {
    const { config } = deployment;
    super(app, nameOf(config, 'data'), { env: config.env, description: 'Quotebridge: ledger, runtime state, documents, publisher' });
    const ledger = this.makeLedger(deployment);
    this.ledger = Table.fromTableName(this, 'ledger-by-name', ledgerName(config));
    this.runtime = this.makeRuntime(deployment);
    this.documents = this.makeDocuments(deployment);
    this.documentAccess = { intake: documentAccess(this, this.documents, 'intake'), steps: documentAccess(this, this.documents, 'steps') };
    new Publisher(this, deployment, { ledger, runtime: this.runtime });
    publish(this, 'ledger', 'Table', ledger.tableName);
    publish(this, 'runtime', 'Table', this.runtime.tableName);
    publish(this, 'document', 'Bucket', this.documents.bucketName);
  }

  private makeLedger({ config }: Deployment): Table {
    const kept = config.retention === 'retain';
    // its id too: to CloudFormation a restored table is another resource, and the old one is let go of
    const ledger = new Table(this, config.ledgerTable, {
      tableName: ledgerName(config),
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_IMAGE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: kept,
      removalPolicy: removal(config),
      resourcePolicy: appendOnly(),
    });
    for (const [indexName, [partition, sort]] of Object.entries(LEDGER_INDEXES))
      ledger.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(partition),
        sortKey: text(sort),
        projectionType: ProjectionType.KEYS_ONLY,
      });
    return ledger;
  }

  /** Everything in it can be lost: leases, permits and answers of calls run out or are found again. */
  private makeRuntime({ config }: Deployment): Table {
    return new Table(this, 'runtime', {
      tableName: nameOf(config, 'runtime'),
      partitionKey: text('id'),
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiration',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removal(config),
    });
  }

  private makeDocuments({ config }: Deployment): Bucket {
    const documents = new Bucket(this, 'documents', {
      // Bucket names are unique in all of AWS.
      bucketName: nameOf(config, 'documents', config.env.account, config.env.region),
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // What a step worked out is valid for its own run; each run writes it again, and a parked order runs every day.
      lifecycleRules: [
        { id: 'workings', prefix: 'workings/', expiration: Duration.days(30) },
        { id: 'overwritten', noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: removal(config),
    });
    acknowledge(documents, 'AwsSolutions-S1', 'Who reads objects is for the data events of the account trail, which is not ours to configure.');
    return documents;
  }
}

const removal = ({ retention }: Deployment['config']): RemovalPolicy => (retention === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);

/**
 * Nothing is ever deleted from the ledger, and what makes a fact is not updated, by nobody. That a fact is not put over IAM cannot say,
 * since its conditions see neither the sort key nor what was there: the conditional writes of lambdas/ledger stand guard, and the hash
 * chain shows a breach.
 */
const appendOnly = (): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'NothingIsDeleted',
        effect: Effect.DENY,
        principals: [new StarPrincipal()],
        actions: ['dynamodb:DeleteItem', 'dynamodb:BatchWriteItem', 'dynamodb:PartiQLDelete', 'dynamodb:PartiQLUpdate'],
        resources: ['*'],
      }),
      new PolicyStatement({
        sid: 'FactsStay',
        effect: Effect.DENY,
        principals: [new StarPrincipal()],
        actions: ['dynamodb:UpdateItem'],
        resources: ['*'],
        conditions: { 'ForAnyValue:StringEquals': { 'dynamodb:Attributes': ['event', 'hash', 'previousHash'] } },
      }),
    ],
  });
