import Big from 'big.js';

export interface Tolerance {
  /** In the currency of the quote. */
  readonly absolute: string;
  /** Share of the ERP's price: 0.005 is half a percent. */
  readonly relative: string;
}

/** Do the two list prices differ by more than both bounds? A price that the ERP does not have is out of tolerance. */
export function outOfTolerance(quoted: string, erp: string | undefined, { absolute, relative }: Tolerance): boolean {
  if (erp === undefined) return true;
  const difference = Big(quoted).minus(erp).abs();
  return difference.gt(absolute) && difference.gt(Big(erp).abs().times(relative));
}
