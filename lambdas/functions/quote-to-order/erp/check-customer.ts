import type { StepAction } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { isConfirmed } from '../../../domain/head.ts';
import type { CustomerWorking } from '../../../domain/workings.ts';
import { prepare } from '../../../ledger/prepared.ts';
import { readReference } from '../../../ledger/references.ts';
import type { ErpDeps } from './deps.ts';
import { look } from './look.ts';
import { mustBelongTogether, soldTo } from './parties.ts';
import { askedBack, standAlone } from './reversal.ts';
import { probe, settleOpen } from './settle-open.ts';

/**
 * The first step of each run: settles what is unknown, looks again where a look is owed, and only then asks whether the ERP knows
 * the customer and sells to it. Throws Stop CUSTOMER_UNKNOWN, CUSTOMER_BLOCKED, CUSTOMER_HIERARCHY_GAP, PREDECESSOR_OPEN,
 * PREDECESSOR_PAST_PIVOT, EFFECT_UNKNOWN.
 */
export const checkCustomer =
  (deps: ErpDeps): StepAction =>
  async (call) => {
    const { ledger, documents } = deps;
    const known = await probe(deps, call, await look(deps, call, await settleOpen(deps, call.head)));
    if (isConfirmed(known)) {
      await askedBack(deps, call, known);
      return;
    }
    mustGoForward(known);
    const head = await standAlone(deps, call, known);
    const quote = await documents.readQuote(head.document);
    const account = soldTo(quote);
    const { target, version, cause } = await readReference(ledger, head.tenant, head.route.erp, 'customer', account);
    if (!target) throw new Stop('CUSTOMER_UNKNOWN', `account ${account}`, { on: { cause, version } });
    const erp = await deps.erpOf(head.route.erp);
    const customer = await erp.findCustomer(target);
    if (!customer)
      throw new Stop('CUSTOMER_UNKNOWN', `account ${account} is mapped to ${target}, which the ERP does not have`, { on: { cause, version } });
    if (!customer.active) throw new Stop('CUSTOMER_BLOCKED', `customer ${target} (account ${account})`, { on: { cause, version } });
    await mustBelongTogether(deps, erp, head, quote, customer);
    const identity = { code: customer.code, active: customer.active, ref: customer.ref };
    const working: CustomerWorking = { ...identity, credit: customer.credit };
    // Credit decides whether we sell, not what the draft looks like.
    await prepare(ledger, documents, head, 'customer', working, identity);
  };
