import type { ErrorCode } from './errors.ts';

/**
 * What a person is asked when an order waits with this code: as somebody would ask it who knows the business and not this system, with
 * what to look at. A question about a mapping that orders share names the code instead. Codes of queues ask nobody: they have no task.
 */
export const QUESTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  // intake
  QUOTE_CONTENT_CHANGED:
    'The same revision of the quote came again with other content. The order goes on with the first. Is the other content dismissed, after a new revision was accepted in the CPQ where price or quantity are to change?',
  // customer, products, price
  CUSTOMER_UNKNOWN: 'No customer of the ERP is known for this account. Look the account up in the ERP: which customer is it?',
  CUSTOMER_BLOCKED: 'The ERP does not sell to this customer. Is it released there, is another customer meant, or is the order cancelled?',
  CUSTOMER_HIERARCHY_GAP: 'The customer has no place in the hierarchy of the ERP. Is it corrected there, or is another customer meant?',
  PRODUCT_UNMAPPED: 'No product of the ERP is known for this product code. Look the product up in the ERP: which one is it?',
  PRODUCT_INACTIVE:
    'The ERP does not sell this product: look whether it is active there and has a price in the currency of the quote. Is it put right, or is the order cancelled?',
  CARRIER_UNMAPPED: 'No carrier of the ERP is known for this carrier code. Look the carrier up in the ERP: which one is it?',
  CHARGE_UNSUPPORTED: 'No ERP takes this kind of charge. Is the order cancelled, so that the quote can be made anew?',
  PRICE_OUT_OF_TOLERANCE: "The ERP's own price differs from the quote by more than is allowed. Is the price of the quote approved?",
  APPROVAL_NEEDED: 'Is this order approved?',
  CPQ_APPROVAL_MISSING: 'The quote was accepted without the approval of the CPQ. Is the order approved all the same?',
  CREDIT_BLOCKED: 'The customer would owe more than the ERP grants. Is the order approved all the same?',
  // tax
  TAX_COUNTRY_UNKNOWN:
    'Nobody has said what tax this country takes, or the quote names no country. Is its rate in our table now, or is the order cancelled?',
  TAX_MISMATCH:
    "Our tax and the ERP's are not the same: compare the customer's tax rule in the ERP with our table. Is the wrong one corrected, or is the order cancelled?",
  TAX_REFUSED:
    'The tax provider refuses what we ask of its document: read its message, and look at the document there. Is it put right, or is the order cancelled?',
  // ERP
  ERP_UNAVAILABLE:
    'The ERP has not answered for a long time. Does it answer again, so that the order can be tried once more, or is the order cancelled?',
  ERP_BUSY:
    'Somebody or something in the ERP keeps a record of this order busy. Look who works with it there. Is it free again, or is the order cancelled?',
  ERP_REFUSED:
    'The ERP does not take this order. Read what it says, and look at the record that it names. Is that corrected in the ERP, or is the order cancelled?',
  ERP_ANSWER_UNKNOWN:
    'The ERP took our request and never said what came of it. Look there for an order with our key. Does the ERP answer again, so that we can look ourselves, or is the order cancelled?',
  ERP_AUTHENTICATION:
    'The ERP does not let us in: look at the user and the password that we have for it. Are they right again, or is the order cancelled?',
  ERP_NOT_CONFIGURED: 'There is no such ERP for this order. Shall another one make it?',
  ERP_DRAFT_LOST:
    'Somebody has cancelled, deleted or changed our draft in the ERP. Look there who, and why. Is the draft restored, or was it meant, and the order is cancelled?',
  ERP_ORDER_STUCK:
    'The ERP has confirmed the order and cannot process it. Look at the order there, and at what its message names. Is that corrected, so that it goes on, or shall the order be cancelled?',
  ERP_ORDER_UNEXPECTED:
    'The ERP has another confirmed order under our key, which we did not confirm. Look at both there. Is the other one reversed, so that this one can go on, or is this one cancelled?',
  KEY_COLLISION:
    'The ERP has a document under our key that is not ours. Look who made it, and take our key away from it. Is that done, or is the order cancelled?',
  // revisions
  PREDECESSOR_OPEN:
    'The order waits for an earlier revision of its quote, which is not undone yet. Look at that one. Can it come to its end, so that this one is tried again, or is this one cancelled?',
  PREDECESSOR_PAST_PIVOT: 'The ERP has an earlier revision of this quote as an order. What becomes of that one, and of this one?',
  CANCEL_AFTER_PIVOT: 'The order is to be cancelled, and the ERP has it already. Was it reversed there, or does it stay?',
  WITHDRAWN_AFTER_PIVOT: 'The quote was withdrawn, and the ERP has its order already. Was it reversed there, or does it stay?',
  // restore
  RESTORE_REVISION_MISSING:
    'The ERP has an order of another revision, which our restored ledger has forgotten. Is that quote sent again, so that this order can go on, or is this one cancelled?',
  RESTORE_DRAFT_CANCELLED:
    'Our draft stands cancelled in the ERP, and the restored ledger does not know why. Look there who did it. Is the order made anew, or is it cancelled?',
  // platform
  EFFECT_UNKNOWN:
    'We began something in the ERP or at the tax provider, and have not been able to find out what came of it. Do both answer again, so that we can look, or is the order cancelled?',
  PLATFORM_STEP_DIED:
    'A step of ours ends again and again without a word: read the log of the order. Is the fault mended, or is the order cancelled?',
  PLATFORM_RUN_DIED:
    'Five runs of this order in a row have died: read the history of its executions and the log. Is the fault mended, or is the order cancelled?',
  PLATFORM_UNDO_STUCK:
    'The order is to be undone, and that comes to no end: look at its draft in the ERP and its tax document. Is what holds them up gone, so that we try again?',
  DOCUMENT_MISSING: 'The stored document of the quote cannot be read: look for its version in the bucket. Is it restored, or is the order cancelled?',
  NEWS_ARRIVED:
    'The order changes again and again while we work on it: look at its facts for who does that. Has it come to rest, or is the order cancelled?',
};
