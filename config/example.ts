import { everybodyDecides, patientRules } from './policies/rules.ts';
import { patient } from './policies/times.ts';
import { vat } from './policies/vat.ts';
import type { StageConfigInput } from './schema.ts';

/**
 * A stage on AWS. Copy this file to `config/<stage>.ts`, change the values, and `npm run synth -- --stage <stage>` says what is wrong
 * with its path. Secrets are made by you in Secrets Manager, under the names given here, before the first deploy: a wrong or missing
 * one parks orders, it loses none.
 */
const example: StageConfigInput = {
  // Part of every resource name: `quotebridge-example-ledger`. Several stages fit in one account.
  stage: 'example',
  // 'aws'; the other two are what a laptop runs.
  cloud: 'aws',
  // 'arm64' (cheaper) or 'x86_64'; the functions are JavaScript and run on both.
  architecture: 'arm64',
  // Where the stacks go. Synthesis needs no credentials, since both are written here.
  env: { account: '111122223333', region: 'eu-central-1' },
  // 'retain': tables and documents stay when a stack is removed. 'destroy' is for stages that hold nothing of value.
  retention: 'retain',
  // The table of the ledger. After a restore from a backup 'ledger-<name>', as docs/runbooks/operations.md says.
  ledgerTable: 'ledger',
  // Days that function and workflow logs are kept.
  logRetentionDays: 90,
  // Gets a mail when an alarm fires; must confirm the subscription once.
  alarmEmail: 'operations@example.com',
  // Where people read the folder `docs` of this repository: an alarm says with a link what to do. Left out: with the file and its section.
  docsUrl: 'https://git.example.com/quotebridge/-/blob/main/docs',
  // Parallel calls: of queue consumers the maximum, of `erp` and `tax` the reserved concurrency (leave out: unreserved).
  concurrency: { intake: 10, cpq: 5, run: 10, wake: 2, deliver: 5, erp: 20 },
  // Salesforce Event Relay: the partner event source, as the EventBridge console shows it, makes a bus of that name.
  salesforceEventSource: 'aws.partner/salesforce.com/00D0000000EXAMPLE/0YL000000000001',
  // Accounts of producers that put canonical events on the inbound bus from outside.
  producerAccounts: ['444455556666'],
  // What `quotebridge doctor --smoke` sends: one line, to a tenant whose ERP instance is a test system. Left out: no such tenant.
  smoke: {
    tenant: 'acceptance',
    cpq: 'webshop',
    region: 'EU',
    businessUnit: 'hardware',
    customer: 'ACC-1',
    country: 'DE',
    currency: 'EUR',
    product: 'SKU-1',
    listPrice: '10.00',
  },
  policy: {
    tenants: {
      acme: {
        cpqs: {
          // `org` is the organisation id in the event source; events of others are quarantined.
          salesforce: {
            vendor: 'salesforce',
            org: '00D0000000EXAMPLE',
            secretName: 'quotebridge/example/cpq/salesforce',
            region: 'EU',
            businessUnit: 'hardware',
          },
          // Producers that send `quote.accepted.v1` themselves.
          webshop: { vendor: 'canonical', region: 'EU', businessUnit: 'hardware' },
        },
        // The first that matches names the ERP instance of an order; it is pinned when the quote is accepted.
        routes: [{ region: '*', businessUnit: '*', erp: 'main' }],
      },
      // Orders of this tenant are made for tests, in a test system of the ERP.
      acceptance: {
        cpqs: { webshop: { vendor: 'canonical', region: 'EU', businessUnit: 'hardware' } },
        routes: [{ region: '*', businessUnit: '*', erp: 'test' }],
      },
    },
    erps: {
      // `maxInFlight`: orders that are worked on at once in this instance; the others wait in the ledger.
      main: { vendor: 'tryton', secretName: 'quotebridge/example/erp/main', maxInFlight: 10 },
      test: { vendor: 'tryton', secretName: 'quotebridge/example/erp/test', maxInFlight: 2 },
    },
    subscribers: {
      // Signed webhooks; the secret holds {"url","signingSecret"}. `events` are prefixes of event types.
      billing: { secretName: 'quotebridge/example/subscriber/billing', events: ['order.'] },
    },
    // Seller country and VAT rates.
    tax: vat,
    // Tolerances, approvals, retries and due times; by region, business unit and tenant where they differ.
    rules: patientRules,
    // Who decides.
    owners: everybodyDecides,
    // Seconds after which the system looks again; see contracts/policy.ts.
    times: patient,
    // Larger events are quarantined.
    limits: { eventBytes: 200_000 },
  },
};
export default example;
