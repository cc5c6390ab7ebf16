import type { ProcessId } from './processes.ts';

/** A server that an environment holds. */
export interface Server {
  url: string;
  stop(): Promise<void>;
  /** Its process, when it has one of its own. */
  process?: ProcessId;
  /** Settles when its process ends by itself. */
  exited?: Promise<void>;
  /** What the user should know, e.g. that another port is used. */
  notes?: string[];
  /** The log that explains why it ended. */
  log?: string;
  facts?: Record<string, string>;
}
