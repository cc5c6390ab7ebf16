/** The seven names of the files everywhere; docs/architecture.md says what each box is for. */
export const FEATURES = ['intake', 'quote-to-order', 'delivery', 'api', 'master-data', 'reconciliation', 'operations'] as const;
export type Feature = (typeof FEATURES)[number];
