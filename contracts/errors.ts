/**
 * Every failure has one name, one class, one retry rule, one owner and one runbook section (rule 7 of the architecture).
 * Adding a code here makes the tests ask for its section in docs/runbooks.
 */
export type ErrorClass = 'data quality' | 'policy violation' | 'platform outage' | 'downstream dependency';

/**
 * soon: by itself within seconds; hold: when the vendor is back; settle: after the time in which the call can still land, by lookup;
 * person: when somebody decided or corrected; never: the input is refused for good.
 */
export type RetryRule = 'soon' | 'hold' | 'settle' | 'person' | 'never';

export interface Retry {
  /** Until the next run. */
  readonly seconds: number;
  /** In a row with the same code; after that its owner is asked. */
  readonly times: number;
  /** Share of the seconds by which they vary, so that orders do not come back all at once. */
  readonly jitter: number;
}

const DAY = 24 * 3600;

/**
 * What the policy does not say otherwise, by code or by rule. A vendor is waited for a day before a person is asked; what a run met by
 * chance is tried again for an hour.
 */
export const RETRIES: Readonly<Record<Exclude<RetryRule, 'person' | 'never'>, Retry>> = {
  soon: { seconds: 60, times: 60, jitter: 0.2 },
  hold: { seconds: 300, times: DAY / 300, jitter: 0.2 },
  settle: { seconds: 60, times: DAY / 60, jitter: 0 },
};

/** No blind retry: what was refused or needs a person is never tried again by itself. */
export const triesAgain = (rule: RetryRule): rule is keyof typeof RETRIES => rule in RETRIES;

export type OwnerGroup = 'sales-operations' | 'master-data' | 'finance' | 'erp-support' | 'platform';

export interface ErrorDefinition {
  readonly class: ErrorClass;
  readonly retry: RetryRule;
  readonly owner: OwnerGroup;
  /** HTTP status of the capability API's problem details (RFC 9457). */
  readonly status: number;
  readonly title: string;
  /** What to do, in one sentence; the runbook has the rest. */
  readonly cure: string;
}

const define = <T extends Record<string, ErrorDefinition>>(table: T): { readonly [K in keyof T]: ErrorDefinition } => table;

const of = (group: ErrorClass, retry: RetryRule, owner: OwnerGroup, status: number, title: string, cure: string): ErrorDefinition => ({
  class: group,
  retry,
  owner,
  status,
  title,
  cure,
});

export const ERRORS = define({
  // intake
  EVENT_MALFORMED: of(
    'data quality',
    'never',
    'platform',
    400,
    'The event is not a CloudEvents 1.0 envelope or a known vendor envelope',
    'Correct the producer, then resubmit the corrected event.',
  ),
  EVENT_TOO_LARGE: of(
    'data quality',
    'never',
    'platform',
    413,
    'The event is larger than the intake accepts',
    'Send the quote in fewer lines or raise the limit in the configuration.',
  ),
  EVENT_TYPE_UNKNOWN: of(
    'data quality',
    'never',
    'platform',
    400,
    'No contract has this event type',
    'Check the spelling of the type against contracts/schemas.',
  ),
  EVENT_VERSION_UNKNOWN: of(
    'data quality',
    'never',
    'platform',
    400,
    'The type is known, its major version is not',
    'Send a version that is deployed, or deploy the contract first and resubmit.',
  ),
  TENANT_UNKNOWN: of(
    'data quality',
    'never',
    'platform',
    403,
    'No tenant of this name is configured for this source',
    'Add the tenant to the configuration and deploy, then resubmit.',
  ),
  ROUTE_UNKNOWN: of(
    'data quality',
    'never',
    'platform',
    422,
    'No ERP is configured for this region and business unit',
    'Add the route to the configuration and deploy, then resubmit.',
  ),
  QUOTE_INVALID: of(
    'data quality',
    'never',
    'sales-operations',
    422,
    'The quote does not satisfy its contract',
    'Correct the quote in the CPQ: its next change event is taken by itself.',
  ),
  QUOTE_CONTENT_CHANGED: of(
    'data quality',
    'never',
    'sales-operations',
    409,
    'This revision was accepted before with other content',
    'The first content goes on. Accept a new revision in the CPQ for the other, then dismiss this one.',
  ),
  CPQ_UNAVAILABLE: of(
    'downstream dependency',
    'hold',
    'platform',
    503,
    'The CPQ does not answer',
    'Nothing: the queue tries again. Past its limit redrive the dead-letter queue.',
  ),
  CPQ_REFUSED: of(
    'downstream dependency',
    'never',
    'sales-operations',
    502,
    'The CPQ refused the request for the record',
    'Check the fields and the permissions of the integration user in the CPQ, then resubmit.',
  ),
  CPQ_RECORD_MISSING: of(
    'data quality',
    'never',
    'sales-operations',
    404,
    'The CPQ has no such record (any more)',
    'Nothing, if the quote was deleted; else check the permissions of the integration user.',
  ),
  CPQ_AUTHENTICATION: of(
    'platform outage',
    'hold',
    'platform',
    401,
    'The CPQ refuses our credentials',
    'Renew the secret named in the configuration, then redrive the dead-letter queue.',
  ),
  MESSAGE_MALFORMED: of(
    'data quality',
    'never',
    'platform',
    400,
    'A message of one of our own queues cannot be read',
    'Find out who sent it. Correct it and send it again, or delete it from the dead-letter queue.',
  ),
  ORDER_UNKNOWN: of(
    'data quality',
    'never',
    'platform',
    404,
    'The ledger has no such order, or no such fact of it',
    'After a restore of the ledger: send the quote again, then replay the message, which finds the order under the same key. Else check the key, and delete the message.',
  ),
  // customer, products, price
  CUSTOMER_UNKNOWN: of(
    'data quality',
    'person',
    'master-data',
    422,
    'No customer of the ERP is mapped to this account',
    'quotebridge reference set customer.',
  ),
  CUSTOMER_BLOCKED: of(
    'policy violation',
    'person',
    'finance',
    422,
    'The customer is inactive in the ERP',
    'Release the customer in the ERP, then answer that its orders run again; or cancel them.',
  ),
  PRODUCT_UNMAPPED: of(
    'data quality',
    'person',
    'master-data',
    422,
    'No product of the ERP is mapped to this product code',
    'quotebridge reference set product.',
  ),
  PRODUCT_INACTIVE: of(
    'data quality',
    'person',
    'master-data',
    422,
    'The product is inactive or missing in the ERP',
    'Activate the product in the ERP and answer `retry`, or `correct` it to its successor: one answer is for every order that waits for it.',
  ),
  CHARGE_UNSUPPORTED: of(
    'policy violation',
    'person',
    'sales-operations',
    422,
    'The quote has a recurring charge, and orders of this ERP are one-time',
    'Cancel the order and bill the recurring lines where contracts are kept, or accept a revision without them.',
  ),
  CARRIER_UNMAPPED: of(
    'data quality',
    'person',
    'master-data',
    422,
    'No carrier of the ERP is mapped to this carrier code',
    'quotebridge reference set carrier.',
  ),
  PRICE_OUT_OF_TOLERANCE: of(
    'policy violation',
    'person',
    'sales-operations',
    422,
    'List price of the quote and of the ERP differ by more than the tolerance',
    'Correct the list price in the ERP and let the order run, or approve or reject it: quotebridge tasks show.',
  ),
  APPROVAL_NEEDED: of(
    'policy violation',
    'person',
    'sales-operations',
    422,
    'A rule of the approval matrix asks for an approval',
    'Approve or reject it: quotebridge tasks show.',
  ),
  CPQ_APPROVAL_MISSING: of(
    'policy violation',
    'person',
    'sales-operations',
    422,
    'The quote was accepted without an approval of this revision in the CPQ',
    'Approve or reject it: quotebridge tasks show.',
  ),
  CREDIT_BLOCKED: of(
    'policy violation',
    'person',
    'finance',
    422,
    'The ERP holds back orders of this customer: the credit limit is reached',
    'Release the credit in the ERP and let the order run, or approve or reject it.',
  ),
  CUSTOMER_HIERARCHY_GAP: of(
    'data quality',
    'person',
    'master-data',
    422,
    'The parties of the quote do not belong to one customer in the ERP',
    'Correct the customer links or the hierarchy in the ERP and let the order run, or approve or reject it: quotebridge tasks show.',
  ),
  // tax
  TAX_COUNTRY_UNKNOWN: of(
    'data quality',
    'person',
    'finance',
    422,
    'No tax rate is known for this country',
    'Add the country to the tax table and deploy, then answer that its orders run again.',
  ),
  TAX_MISMATCH: of(
    'policy violation',
    'person',
    'finance',
    422,
    'Our total with tax and the one of the ERP differ by more than 0.02',
    'Compare the tax rule of the customer in the ERP with the tax table, correct one, then run the order.',
  ),
  TAX_REFUSED: of(
    'downstream dependency',
    'person',
    'finance',
    502,
    'The tax provider refused what was asked of the document',
    'Read the message: a committed document is taken back with the credit note, not here. Then run the order.',
  ),
  // ERP
  ERP_UNAVAILABLE: of('downstream dependency', 'hold', 'erp-support', 503, 'The ERP does not answer', 'Nothing: the order tries again by itself.'),
  ERP_BUSY: of('downstream dependency', 'soon', 'erp-support', 503, 'The ERP asked to try again', 'Nothing: the order tries again by itself.'),
  ERP_REFUSED: of(
    'downstream dependency',
    'person',
    'erp-support',
    502,
    'The ERP refused the request',
    'Read the message of the ERP, correct the record there, then run the order.',
  ),
  ERP_ANSWER_UNKNOWN: of(
    'downstream dependency',
    'settle',
    'erp-support',
    504,
    'The ERP got the request and gave no answer',
    'Nothing: after the settle time the order looks for it by its key.',
  ),
  ERP_AUTHENTICATION: of(
    'platform outage',
    'person',
    'platform',
    502,
    'The ERP refuses our credentials',
    'Renew the secret named in the configuration, then answer the question: it is one for all orders that wait for it.',
  ),
  ERP_NOT_CONFIGURED: of(
    'platform outage',
    'person',
    'platform',
    500,
    'The ERP instance that the order is pinned to is not in the configuration',
    'Put the instance back into the configuration and deploy, then answer that its orders run again.',
  ),
  ERP_DRAFT_LOST: of(
    'downstream dependency',
    'person',
    'erp-support',
    409,
    'The draft that we made is not a draft any more',
    'Look at the order in the ERP: somebody cancelled or changed it. Cancel the order here or restore it there.',
  ),
  ERP_ORDER_STUCK: of(
    'downstream dependency',
    'person',
    'erp-support',
    502,
    'The ERP confirmed the order but could not process it',
    'Read the message of the ERP, correct the record there, then run the order.',
  ),
  ERP_ORDER_UNEXPECTED: of(
    'data quality',
    'person',
    'erp-support',
    409,
    'The ERP holds a confirmed order under our key that this order does not name',
    "Reverse in the ERP's own way the one that this order does not name, then run the order.",
  ),
  KEY_COLLISION: of(
    'data quality',
    'person',
    'platform',
    409,
    'The ERP holds another document under our key',
    'Find out who used the key; never adopt the document.',
  ),
  // revisions and stops
  PREDECESSOR_OPEN: of(
    'policy violation',
    'soon',
    'sales-operations',
    409,
    'An earlier revision of this quote is still being undone',
    'Nothing: the order goes on when the earlier revision has ended.',
  ),
  PREDECESSOR_PAST_PIVOT: of(
    'policy violation',
    'person',
    'sales-operations',
    409,
    'An earlier revision of this quote is already an order in the ERP',
    'Reverse the earlier order in the ERP, or cancel this one.',
  ),
  CANCEL_AFTER_PIVOT: of(
    'policy violation',
    'person',
    'sales-operations',
    409,
    'The order was confirmed before the cancellation came',
    "Decide: keep the order, or reverse it in the ERP's own way.",
  ),
  WITHDRAWN_AFTER_PIVOT: of(
    'policy violation',
    'person',
    'sales-operations',
    409,
    'The order was confirmed before the quote was withdrawn',
    "Decide: keep the order, or reverse it in the ERP's own way.",
  ),
  // restore
  RESTORE_REVISION_MISSING: of(
    'data quality',
    'hold',
    'platform',
    409,
    'The ERP has an order of another revision that the restored ledger does not know',
    'Send the quotes that were accepted after the backup again; the order then goes on by itself.',
  ),
  RESTORE_DRAFT_CANCELLED: of(
    'data quality',
    'person',
    'sales-operations',
    409,
    'A draft of this order was cancelled after the backup that the ledger was restored from',
    'Find out whether the order was cancelled on purpose; then answer its task: cancel, or retry, and it is made anew.',
  ),
  // platform
  EFFECT_UNKNOWN: of(
    'downstream dependency',
    'settle',
    'platform',
    504,
    'An earlier call may still land',
    'Nothing: after the settle time the order looks for it by its key.',
  ),
  PLATFORM_STEP_DIED: of(
    'platform outage',
    'soon',
    'platform',
    500,
    'A function ended without an answer',
    'Nothing: the order tries again by itself. If it repeats, read the logs.',
  ),
  PLATFORM_RUN_DIED: of(
    'platform outage',
    'person',
    'platform',
    500,
    'Five runs of this order in a row ended without writing their end',
    'Read the execution history and the logs, then run the order.',
  ),
  PLATFORM_UNDO_STUCK: of(
    'platform outage',
    'person',
    'platform',
    500,
    'Undoing the order does not come to an end',
    'Look at the draft and the tax document of the order, read the logs, then run the order.',
  ),
  PLATFORM_MESSAGE_FAILED: of(
    'platform outage',
    'hold',
    'platform',
    500,
    'A function could not handle a message of its queue',
    'Nothing: the queue tries again. If it repeats, read the logs; past its limit redrive the dead-letter queue.',
  ),
  DOCUMENT_MISSING: of(
    'platform outage',
    'person',
    'platform',
    500,
    'The stored document of the quote cannot be read',
    'Restore the object version in the document bucket, then run the order.',
  ),
  NEWS_ARRIVED: of(
    'platform outage',
    'soon',
    'platform',
    409,
    'Something changed while the run was under way',
    'Nothing: the next run starts at once.',
  ),
  // delivery
  SUBSCRIBER_UNAVAILABLE: of(
    'downstream dependency',
    'hold',
    'platform',
    503,
    'The subscriber does not answer',
    'Nothing: delivery tries again for 12 hours, then redrive its dead-letter queue.',
  ),
  SUBSCRIBER_REFUSED: of(
    'downstream dependency',
    'never',
    'platform',
    502,
    'The subscriber refused the event',
    'Ask its owner what was wrong; when it is put right, redrive the dead-letter queue within 14 days.',
  ),
  SUBSCRIBER_NOT_CONFIGURED: of(
    'platform outage',
    'hold',
    'platform',
    500,
    'The secret of the subscriber is missing or is not {"url","signingSecret"}',
    'Put the secret named in the configuration right: delivery tries again for 12 hours, then redrive its dead-letter queue.',
  ),
  PUBLISH_FAILED: of(
    'platform outage',
    'hold',
    'platform',
    503,
    'The bus did not take an event',
    'Nothing: its queue tries again. Past its limit redrive the dead-letter queue.',
  ),
});

export type ErrorCode = keyof typeof ERRORS;
