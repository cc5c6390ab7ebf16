import Big from 'big.js';

/** Decimal arithmetic on decimal strings; big.js keeps every digit, rounding is half up and always explicit. */
const HALF_UP = 1;

export const round = (value: string | Big, digits = 2): string => Big(value).round(digits, HALF_UP).toFixed(digits);

export const sum = (values: readonly string[]): string => values.reduce((total, value) => total.plus(value), Big(0)).toFixed();

export const times = (a: string, b: string, digits = 2): string => round(Big(a).times(b), digits);

/** |a - b| <= bound */
export const within = (a: string, b: string, bound: string): boolean => Big(a).minus(b).abs().lte(bound);

export const plus = (a: string, b: string): string => Big(a).plus(b).toFixed();

export const isZero = (value: string): boolean => Big(value).eq(0);

/** `percent` of `amount`, rounded to `digits`. */
export const percentOf = (amount: string, percent: string, digits = 2): string => round(Big(amount).times(percent).div(100), digits);
