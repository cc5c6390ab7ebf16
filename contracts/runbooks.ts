import type { ErrorCode, OwnerGroup } from './errors.ts';
import type { Feature } from './features.ts';

/** A section of `docs/runbooks/<feature>.md`: its heading, and the group that acts on it. */
export interface RunbookSection {
  readonly feature: Feature;
  readonly title: string;
  readonly owner: OwnerGroup;
}

const section = (feature: Feature, owner: OwnerGroup, title: string): RunbookSection => ({ feature, owner, title });

/**
 * Every section that an alarm or an error code leads to. The titles are addresses: who changes one breaks links in mails that were sent.
 * A test holds the pages to this table.
 */
export const RUNBOOK = {
  'intake waits': section('intake', 'platform', 'Events wait at the intake'),
  'intake given up': section('intake', 'platform', 'Events were given up by the intake'),
  'cpq waits': section('intake', 'platform', 'The CPQ does not answer'),
  'cpq given up': section('intake', 'platform', 'Records of the CPQ were given up'),
  quarantine: section('intake', 'platform', 'Events are in quarantine'),
  'quote refused': section('intake', 'sales-operations', 'A quote was refused'),

  'not flowing': section('quote-to-order', 'platform', 'Orders are not flowing'),
  'runs wait': section('quote-to-order', 'platform', 'Orders wait for their run'),
  'runs given up': section('quote-to-order', 'platform', 'Messages for a run were given up'),
  overdue: section('quote-to-order', 'platform', 'Orders are overdue'),
  'orders late': section('quote-to-order', 'platform', 'Orders are late'),
  line: section('quote-to-order', 'erp-support', 'Orders stand in line for an ERP'),
  'executions fail': section('quote-to-order', 'platform', 'An execution failed'),
  'runs die': section('quote-to-order', 'platform', 'Runs of an order die'),
  'steps stop': section('quote-to-order', 'platform', 'Most steps stop'),
  'erp down': section('quote-to-order', 'erp-support', 'The ERP does not answer'),
  'erp refuses': section('quote-to-order', 'erp-support', 'The ERP refused an order'),
  'second draft': section('quote-to-order', 'erp-support', 'A second draft was cancelled in the ERP'),
  'erp access': section('quote-to-order', 'platform', 'The ERP cannot be reached with what we have'),
  'goes on': section('quote-to-order', 'platform', 'An order waits for a moment'),
  document: section('quote-to-order', 'platform', 'The document of a quote is missing'),
  sales: section('quote-to-order', 'sales-operations', 'Sales operations decides'),
  finance: section('quote-to-order', 'finance', 'Finance decides'),

  'subscriber waits': section('delivery', 'platform', 'A subscriber does not take its events'),
  'subscriber given up': section('delivery', 'platform', 'Events for a subscriber were given up'),
  'write-back waits': section('delivery', 'platform', 'The CPQ does not take the status of orders'),
  'write-back given up': section('delivery', 'platform', 'The status of orders was not written into the CPQ'),
  publisher: section('delivery', 'platform', 'Facts are published late'),
  'publisher given up': section('delivery', 'platform', 'Facts were not published'),

  mapping: section('master-data', 'master-data', 'A mapping is missing'),
  'corrections wait': section('master-data', 'platform', 'Corrections reach the orders late'),

  sweeper: section('operations', 'platform', 'The sweeper does not run'),
  'tasks overdue': section('operations', 'platform', 'Answers are late'),
  'tasks amiss': section('operations', 'platform', 'Orders and questions do not fit together'),
  rules: section('operations', 'platform', 'A rule could not deliver'),
  'function fails': section('operations', 'platform', 'A function fails'),
  'function throttled': section('operations', 'platform', 'A function is throttled'),
  message: section('operations', 'platform', 'A message cannot be read'),
  replay: section('operations', 'platform', 'A replay does not go on'),
  restored: section('operations', 'platform', 'The ledger was restored from a backup'),
} as const satisfies Record<string, RunbookSection>;

export type SectionName = keyof typeof RUNBOOK;

/** Where the runbook of each error code is. Without a line here a new code does not compile. */
export const RUNBOOK_OF_CODE: Readonly<Record<ErrorCode, SectionName>> = {
  EVENT_MALFORMED: 'quarantine',
  EVENT_TOO_LARGE: 'quarantine',
  EVENT_TYPE_UNKNOWN: 'quarantine',
  EVENT_VERSION_UNKNOWN: 'quarantine',
  MESSAGE_MALFORMED: 'message',
  ORDER_UNKNOWN: 'message',
  TENANT_UNKNOWN: 'quarantine',
  ROUTE_UNKNOWN: 'quarantine',
  QUOTE_INVALID: 'quote refused',
  QUOTE_CONTENT_CHANGED: 'quote refused',
  CPQ_UNAVAILABLE: 'cpq waits',
  CPQ_AUTHENTICATION: 'cpq waits',
  CPQ_REFUSED: 'quote refused',
  CPQ_RECORD_MISSING: 'quote refused',
  CUSTOMER_UNKNOWN: 'mapping',
  CUSTOMER_BLOCKED: 'finance',
  PRODUCT_UNMAPPED: 'mapping',
  PRODUCT_INACTIVE: 'mapping',
  CHARGE_UNSUPPORTED: 'sales',
  CARRIER_UNMAPPED: 'mapping',
  APPROVAL_NEEDED: 'sales',
  CPQ_APPROVAL_MISSING: 'sales',
  CREDIT_BLOCKED: 'finance',
  CUSTOMER_HIERARCHY_GAP: 'mapping',
  PRICE_OUT_OF_TOLERANCE: 'sales',
  TAX_COUNTRY_UNKNOWN: 'finance',
  TAX_MISMATCH: 'finance',
  TAX_REFUSED: 'finance',
  ERP_UNAVAILABLE: 'erp down',
  ERP_BUSY: 'erp down',
  ERP_REFUSED: 'erp refuses',
  ERP_ANSWER_UNKNOWN: 'erp down',
  ERP_AUTHENTICATION: 'erp access',
  ERP_NOT_CONFIGURED: 'erp access',
  ERP_DRAFT_LOST: 'erp refuses',
  ERP_ORDER_UNEXPECTED: 'erp refuses',
  ERP_ORDER_STUCK: 'erp refuses',
  KEY_COLLISION: 'erp access',
  PREDECESSOR_OPEN: 'sales',
  PREDECESSOR_PAST_PIVOT: 'sales',
  CANCEL_AFTER_PIVOT: 'sales',
  WITHDRAWN_AFTER_PIVOT: 'sales',
  RESTORE_REVISION_MISSING: 'restored',
  RESTORE_DRAFT_CANCELLED: 'sales',
  EFFECT_UNKNOWN: 'goes on',
  PLATFORM_STEP_DIED: 'runs die',
  PLATFORM_RUN_DIED: 'runs die',
  PLATFORM_UNDO_STUCK: 'runs die',
  PLATFORM_MESSAGE_FAILED: 'function fails',
  DOCUMENT_MISSING: 'document',
  NEWS_ARRIVED: 'goes on',
  SUBSCRIBER_UNAVAILABLE: 'subscriber waits',
  SUBSCRIBER_REFUSED: 'subscriber waits',
  SUBSCRIBER_NOT_CONFIGURED: 'subscriber waits',
  PUBLISH_FAILED: 'publisher',
};

/** Anchor of a heading, as GitHub and GitLab make it; our titles are words and blanks. */
const anchor = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

/** Address of a section below `docs`: `runbooks/intake.md#events-wait-at-the-intake`. */
export function runbookPath(name: SectionName): string {
  const { feature, title } = RUNBOOK[name];
  return `runbooks/${feature}.md#${anchor(title)}`;
}

/** Where it is written what to do about a code: a file of this repository, and its section. */
export const runbookOf = (code: ErrorCode): string => `docs/${runbookPath(RUNBOOK_OF_CODE[code])}`;
