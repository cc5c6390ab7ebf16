import * as z from 'zod';

/** Characters that steer what shows them: control characters, line breaks too, and those that turn the direction of what follows. */
export const STEERING = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

const plain = (text: string): boolean => !STEERING.test(text);

/** Why somebody did something, in a sentence; kept in the ledger for good, and shown to others. */
export const reason = z
  .string('expected a sentence')
  .trim()
  .min(1, 'say why, in a sentence')
  .max(300, 'expected at most 300 characters')
  .refine(plain, 'expected no line breaks and no other control characters');

/** Who acts or looks after something; kept, and shown to others. */
export const person = z.string('expected a name').trim().min(1).max(200).refine(plain, 'expected printable characters');
