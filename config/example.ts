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
            // Reads payment term, product families, costs and sales representative, which the approvals below ask for.
            // Part of a quote's content: when it is switched, what comes again of before is QUOTE_CONTENT_CHANGED.
            terms: true,
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
      // Signed webhooks; the secret holds {"url","signingSecret"}. `events` are prefixes of event types; "task." tells what people are asked.
      billing: { secretName: 'quotebridge/example/subscriber/billing', events: ['order.'] },
    },
    // Seller country and VAT rates.
    tax: vat,
    // Tolerances, approvals, retries and due times: default -> region -> business unit -> tenant, the last that says something wins.
    // docs/policy.md has every field; `quotebridge policy explain ORDER` shows which applies to an order, and from where.
    rules: {
      default: {
        ...patientRules.default,
        // List prices of quote and ERP may differ by a cent or half a percent; in yen by one.
        tolerance: { absolute: '0.01', relative: '0.005', currencies: { JPY: { absolute: '1', relative: '0.005' } } },
        // The approval matrix, by id: all conditions of a rule must hold, all rules that apply are asked, one after the other.
        approvals: {
          discount: { title: 'A discount above 20 %', when: { discountAbove: '0.2' }, approvers: ['sales-operations'] },
          'large-and-thin': {
            title: 'A large order with little margin',
            when: { amountAbove: { EUR: '100000', USD: '110000' }, marginBelow: '0.15' },
            approvers: ['sales-operations', 'finance'],
          },
        },
        // Who is asked next when nobody answers, and what is decided at last.
        asking: { CREDIT_BLOCKED: { due: 4 * 3600, escalate: ['sales-operations'], atLast: 'reject' } },
      },
      regions: {
        // In the EU long payment terms need finance.
        EU: { approvals: { terms: { title: 'Payment after 60 days', when: { paymentTerms: ['Net-60', 'Net-90'] }, approvers: ['finance'] } } },
      },
      businessUnits: {
        // Hardware is promised within two hours: past them an order shows as late, and its question is escalated.
        hardware: { deadlines: { complete: 2 * 3600 } },
      },
      tenants: {
        // Tests ask nobody about discounts, and are patient with their ERP: a day, every ten minutes.
        acceptance: { approvals: { discount: null }, retry: { ERP_UNAVAILABLE: { seconds: 600, times: 144 } } },
      },
    },
    // Who decides: members by the name that the ledger keeps, on AWS the ARN of their credentials, a * at its end for all of a role;
    // who stands in for whom; when they work.
    owners: {
      ...everybodyDecides,
      finance: {
        members: ['arn:aws:sts::111122223333:assumed-role/Finance/*'],
        deputies: {
          'arn:aws:sts::111122223333:assumed-role/Finance/anna@example.com': 'arn:aws:sts::111122223333:assumed-role/Sales/carla@example.com',
        },
        calendar: {
          timeZone: 'Europe/Berlin',
          days: [1, 2, 3, 4, 5],
          from: '08:00',
          to: '17:00',
          holidays: ['2026-12-25', '2027-01-01'],
        },
        digestEvery: 3600,
      },
    },
    // Seconds after which the system looks again; see contracts/policy.ts.
    times: patient,
    // Larger events are quarantined.
    limits: { eventBytes: 200_000 },
  },
};
export default example;
