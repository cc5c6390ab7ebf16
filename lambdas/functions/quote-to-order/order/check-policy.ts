import type { StepAction } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { isConfirmed, mustGoForward } from '../../../domain/forward.ts';
import { placeOf, rulesOf } from '../../../domain/rules.ts';
import { outOfTolerance } from '../../../domain/tolerance.ts';
import type { PriceWorking } from '../../../domain/workings.ts';
import { preparedBy } from '../../../ledger/prepared.ts';
import type { OrderDeps } from './deps.ts';

/** The rules of the tenant against what the ERP says. Throws Stop PRICE_OUT_OF_TOLERANCE. */
export const checkPolicy =
  ({ documents, policy }: OrderDeps): StepAction =>
  async ({ head }) => {
    if (isConfirmed(head)) return;
    mustGoForward(head);
    const { tolerance } = rulesOf(policy, placeOf(head));
    const [quote, price] = await Promise.all([documents.readQuote(head.document), preparedBy<PriceWorking>(documents, head, 'price')]);
    const off = quote.lines.find((line, n) => outOfTolerance(line.listPrice, price.lines[n]?.listPrice, tolerance));
    if (!off) return;
    const erp = price.lines[quote.lines.indexOf(off)];
    throw new Stop(
      'PRICE_OUT_OF_TOLERANCE',
      `product ${off.product}: list price ${off.listPrice} in the quote, ${erp?.listPrice} in the ERP (${quote.currency})`,
    );
  };
