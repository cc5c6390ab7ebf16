import Big from 'big.js';

/** Two bounds on how far two prices may be apart; a difference within either passes. One that is left out lets nothing pass. */
export interface Bounds {
  /** In the currency of the quote. */
  readonly absolute?: string | undefined;
  /** Share of the ERP's price: 0.005 is half a percent. */
  readonly relative?: string | undefined;
}

export interface Tolerance extends Bounds {
  /** By currency, instead of the bounds for all of them. */
  readonly currencies: Readonly<Record<string, Bounds>>;
}

export const toleranceIn = (tolerance: Tolerance, currency: string): Bounds => tolerance.currencies[currency] ?? tolerance;

/** Do the two list prices differ by more than the bounds? A price that the ERP does not have is out of tolerance. */
export function outOfTolerance(quoted: string, erp: string | undefined, { absolute, relative }: Bounds): boolean {
  if (erp === undefined) return true;
  const difference = Big(quoted).minus(erp).abs();
  const within = (bound: Big | undefined): boolean => bound !== undefined && difference.lte(bound);
  return (
    !difference.eq(0) &&
    !within(absolute === undefined ? undefined : Big(absolute)) &&
    !within(relative === undefined ? undefined : Big(erp).abs().times(relative))
  );
}
