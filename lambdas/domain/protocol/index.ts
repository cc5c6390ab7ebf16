/** The order's protocol: pure functions over HEAD and QUOTE that return the write to make. The Lambdas execute them, the tests explore them. */
export * from './accept.ts';
export * from './amend.ts';
export * from './cause.ts';
export * from './decide.ts';
export * from './effect.ts';
export * from './escalate.ts';
export * from './last-write.ts';
export * from './looks.ts';
export * from './news.ts';
export * from './options.ts';
export * from './restore.ts';
export * from './reversed.ts';
export * from './start.ts';
export * from './unknown.ts';
export * from './wait.ts';
export * from './withdraw.ts';
