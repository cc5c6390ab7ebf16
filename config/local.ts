import { briskRules, everybodyDecides } from './policies/rules.ts';
import { localTenants } from './policies/tenants.ts';
import { brisk } from './policies/times.ts';
import { vat } from './policies/vat.ts';
import type { StageConfigInput } from './schema.ts';

/** A laptop: the embedded local cloud by default, LocalStack when the command says so. Nothing outlives `npm run down`. */
const local: StageConfigInput = {
  stage: 'local',
  cloud: 'ministack',
  architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  env: { account: '000000000000', region: 'us-east-1' },
  retention: 'destroy',
  logRetentionDays: 1,
  concurrency: { intake: 2, cpq: 2, run: 2, wake: 2, deliver: 2 },
  // The region leads to the ERP simulator.
  smoke: {
    tenant: 'smoke',
    cpq: 'canonical',
    region: 'SIM',
    businessUnit: 'trade',
    customer: 'ACC-VINET',
    country: 'FR',
    currency: 'EUR',
    product: 'NWD-011',
    listPrice: '18.90',
  },
  policy: {
    tenants: localTenants('quotebridge/local/cpq/salesforce'),
    erps: {
      main: { vendor: 'tryton', secretName: 'quotebridge/local/erp/main', maxInFlight: 3 },
      sim: { vendor: 'simulator', secretName: 'quotebridge/local/erp/sim', maxInFlight: 10 },
    },
    subscribers: {
      billing: { secretName: 'quotebridge/local/subscriber/billing' },
      provisioning: { secretName: 'quotebridge/local/subscriber/provisioning' },
      analytics: { secretName: 'quotebridge/local/subscriber/analytics' },
      'customer-success': { secretName: 'quotebridge/local/subscriber/customer-success', events: ['order.', 'task.'] },
    },
    tax: vat,
    rules: briskRules,
    owners: everybodyDecides,
    times: brisk,
    limits: { eventBytes: 200_000 },
  },
};
export default local;
