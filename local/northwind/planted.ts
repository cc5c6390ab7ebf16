/**
 * The exceptions that are planted into the Northwind master data, so that a run shows what happens to orders that cannot go through.
 * Chosen by where they occur: each kind stands alone in a quote among the first 25, the first six quotes are clean, and together they
 * touch 8 of the first 60 quotes (13.3 %). A unit test computes both.
 */
export const planted = {
  /** CUSTOMER_UNKNOWN: in the ERP, but no mapping leads there. Quote 7. Cure: `quotebridge reference set customer`. */
  unknownCustomer: 'CHOPS',
  /** CUSTOMER_BLOCKED: the party is inactive in the ERP. Quote 8. Cure: activate it there, then run the order. */
  blockedCustomer: 'RICSU',
  /** PRODUCT_UNMAPPED: in the ERP, but no mapping leads there. Quotes 10 and 37, so one mapping wakes two orders. */
  unmappedProduct: 27,
  /** PRODUCT_INACTIVE: quotes 11, 15 and 43. Cure: activate it in the ERP or map its code to another product. */
  inactiveProduct: 5,
  /** PRICE_OUT_OF_TOLERANCE: the ERP asks 41.80 instead of 38.00 USD. Quote 19. Cure: correct the list price in the ERP. */
  priceProduct: 12,
  priceInErp: '41.80',
} as const;

export type PlantedKind = 'CUSTOMER_UNKNOWN' | 'CUSTOMER_BLOCKED' | 'PRODUCT_UNMAPPED' | 'PRODUCT_INACTIVE' | 'PRICE_OUT_OF_TOLERANCE';

/** Which exceptions stop a quote of this customer (Northwind id) with these products (Northwind numbers), in the order of the steps. */
export function plantedIn(customer: string, products: readonly number[]): PlantedKind[] {
  const kinds: PlantedKind[] = [];
  if (customer === planted.unknownCustomer) kinds.push('CUSTOMER_UNKNOWN');
  if (customer === planted.blockedCustomer) kinds.push('CUSTOMER_BLOCKED');
  if (products.includes(planted.unmappedProduct)) kinds.push('PRODUCT_UNMAPPED');
  if (products.includes(planted.inactiveProduct)) kinds.push('PRODUCT_INACTIVE');
  if (products.includes(planted.priceProduct)) kinds.push('PRICE_OUT_OF_TOLERANCE');
  return kinds;
}
