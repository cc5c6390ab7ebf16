import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ErrorCode } from '../../contracts/errors.ts';
import { METRIC } from '../../contracts/metrics.ts';

/** A line holds this many; Powertools would begin a second one. What is measured first stays. */
const NAMES = 100;

interface Value {
  readonly unit: (typeof MetricUnit)['Count'] | (typeof MetricUnit)['Seconds'];
  readonly value: number;
}

/** What the invocation has counted until now. A function works on one invocation at a time, so there is one of them, as there is one logger. */
const values = new Map<string, Value>();
const metrics = new Metrics();

/** Counts something that happened. @param name of contracts/metrics.ts */
export function count(name: string, by = 1): void {
  values.set(name, { unit: MetricUnit.Count, value: (values.get(name)?.value ?? 0) + by });
}

/** Notes how much there is of something; of several looks in one invocation the highest. @param name of contracts/metrics.ts */
export function gauge(name: string, value: number, unit: Value['unit'] = MetricUnit.Count): void {
  values.set(name, { unit, value: Math.max(value, values.get(name)?.value ?? 0) });
}

/** An age, in seconds. */
export const age = (name: string, seconds: number): void => gauge(name, seconds, MetricUnit.Seconds);

/** An event was refused, not one that was refused before. */
export function countQuarantined(code: ErrorCode): void {
  count(METRIC.refused);
  count(METRIC.quarantined(code));
}

/** One line in the embedded metric format, from which CloudWatch makes metrics; none if there is nothing to say. */
function write(): void {
  for (const [name, { unit, value }] of [...values].slice(0, NAMES)) metrics.addMetric(name, unit, value);
  if (values.size > 0) metrics.publishStoredMetrics();
  values.clear();
}

/** A handler that writes down what it has counted at its end, also when it fails. */
export const measured =
  <Args extends unknown[], Answer>(handler: (...args: Args) => Promise<Answer>) =>
  async (...args: Args): Promise<Answer> => {
    try {
      return await handler(...args);
    } finally {
      write();
    }
  };
