import type { ErrorCode } from './errors.ts';

/**
 * Names of our own metrics. They stand in the namespace of the stage under the one dimension `service`, the function that counted:
 * a line of the embedded metric format has one value for each dimension, and an invocation writes one line, so what is told apart
 * (code, ERP instance, subscriber) is part of the name. All are bounded sets; none is an id.
 */
export const METRIC = {
  /** Due for longer than a run can last, and sent again by this sweep. */
  overdue: 'OrdersOverdue',
  /** Orders whose last run died. */
  dead: 'OrdersWithDeadRun',
  unfinished: 'OrdersUnfinished',
  /** Unfinished and past the deadline that the policy gives them. */
  late: 'OrdersLate',
  /** Events in quarantine that nobody has resubmitted or dismissed. */
  quarantineOpen: 'QuarantineOpen',
  inLine: (erp: string) => `InLine.${erp}`,
  /** Seconds. */
  inLineAge: (erp: string) => `InLineAge.${erp}`,
  waiting: (code: ErrorCode) => `Waiting.${code}`,
  /** Seconds since the oldest order that waits was accepted. */
  waitingAge: (code: ErrorCode) => `OldestOrder.${code}`,
  /** Replays that stopped or failed. */
  replaysCutShort: 'ReplaysCutShort',
  /** Questions that went to the next group, and those that the policy answered in place of people. */
  /** Orders and questions that did not fit together, and were put right. */
  tasksAmiss: 'TasksAmiss',
  /** Answers to open questions that are late. */
  tasksOverdue: 'TasksOverdue',
  tasksEscalated: 'TasksEscalated',
  tasksByDefault: 'TasksDecidedByDefault',
  accepted: 'QuotesAccepted',
  /** Orders that were asked to stop because their quote was taken back. */
  withdrawn: 'OrdersWithdrawn',
  /** Seconds from the CPQ's stamp of an approval to the ledger's. */
  approvalLag: 'ApprovalLag',
  /** Drafts that an order did not name and that were cancelled in the ERP. */
  extraDrafts: 'ExtraDraftsCancelled',
  /** Refused for the first time, whatever the code. */
  refused: 'EventsRefused',
  quarantined: (code: ErrorCode) => `Quarantined.${code}`,
  completed: 'OrdersCompleted',
  parked: (code: ErrorCode) => `Parked.${code}`,
  published: 'FactsPublished',
  delivered: (subscriber: string) => `Delivered.${subscriber}`,
} as const;
