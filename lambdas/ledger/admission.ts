import type { Policy } from '../../contracts/policy.ts';
import type { RunMessage } from '../../contracts/workflow.ts';
import { isAbandoned } from '../domain/admission.ts';
import type { Head } from '../domain/head.ts';
import type { Ledger } from './ledger.ts';
import { inLine } from './queries.ts';
import { type Lease, leaseOf, type Slots } from './slots.ts';

export interface AdmissionOptions {
  readonly ledger: Ledger;
  readonly slots: Slots;
  readonly policy: Pick<Policy, 'erps' | 'times'>;
  readonly send: (message: RunMessage) => Promise<void>;
  /** In [0, 1). */
  readonly random?: () => number;
}

export type Admission = ReturnType<typeof createAdmission>;

/** Of how many at the head of the line one is woken: two ends at once shall not wake the same order only. */
const HEAD_OF_LINE = 3;

/** Live runs per ERP instance are bounded; the line stands in the ledger, and costs one message per order however long it is (rule 6). */
export function createAdmission({ ledger, slots, policy, send, random = Math.random }: AdmissionOptions) {
  const erpOf = (head: Head) => {
    const instance = policy.erps[head.route.erp];
    if (!instance) throw new Error(`ERP instance ${head.route.erp} of order ${head.orderKey} is not in the policy`);
    return instance;
  };

  async function wakeLine(erp: string): Promise<void> {
    const oldest = await inLine(ledger, erp, HEAD_OF_LINE);
    const chosen = oldest[Math.floor(random() * oldest.length)];
    if (chosen) await send({ orderKey: chosen });
  }

  async function abandoned({ orderKey, run, ageSeconds }: Lease): Promise<boolean> {
    const { runLimit } = policy.times;
    return ageSeconds >= runLimit && isAbandoned(await ledger.read(orderKey), run, ageSeconds, runLimit);
  }

  async function occupied(erp: string, maxInFlight: number): Promise<number> {
    let count = 0;
    for (const held of await slots.held(erp, maxInFlight)) {
      if (await abandoned(held)) await slots.free(erp, held.slot, held.lease);
      else count += 1;
    }
    return count;
  }

  return {
    /** A slot for run `n` of this order, or undefined. */
    acquire(head: Head, n: number): Promise<number | undefined> {
      const leaseSeconds = policy.times.runTimeout + policy.times.runLimit;
      return slots.acquire(head.route.erp, leaseOf(head.orderKey, n), erpOf(head).maxInFlight, leaseSeconds);
    },
    /** Gives the slot of run `n` back and wakes one that stands in line. */
    async release(head: Head, n: number, slot: number | undefined): Promise<void> {
      if (slot === undefined) return;
      await slots.free(head.route.erp, slot, leaseOf(head.orderKey, n));
      await wakeLine(head.route.erp);
    },
    /** For the sweeper: wakes as many as there are free slots, in case a wake was lost. */
    async fill(erp: string): Promise<number> {
      const instance = policy.erps[erp];
      if (!instance) return 0;
      const free = instance.maxInFlight - (await occupied(erp, instance.maxInFlight));
      if (free <= 0) return 0;
      const oldest = await inLine(ledger, erp, free);
      for (const orderKey of oldest) await send({ orderKey });
      return oldest.length;
    },
  };
}
