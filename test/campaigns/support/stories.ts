import type { CampaignName } from './settings.ts';

/** What a stranger has to know to understand the figures of a campaign. */
export const STORIES: Readonly<Record<CampaignName, { title: string; story: string }>> = {
  kill: {
    title: 'The process is killed',
    story: `Most orders go to the ERP simulator, one in six to Tryton, which bears fewer runs at once. While its draft is made, or while it is confirmed, the operating system kills the process of the function that calls the ERP (\`kill -9\`: nothing can be tidied up), at one of six points in the life of that effect. A proxy before the ERP or before the ledger holds the call at the point; before the process is killed, the ledger and the ERP are asked whether they stand as they must at this point. The order has to go on by itself.`,
  },
  flood: {
    title: 'Many quotes at once',
    story: `Accepted quotes come faster than the ERPs can work, nine in ten for the ERP simulator and one in ten for Tryton, which confirms two orders a second at best, in any order, and three in ten are announced twice: half of these as the very same event, half as another event about the same quote. Never may more orders be worked on at once than the configuration allows (\`maxInFlight\`).`,
  },
  ledger: {
    title: 'Very many quotes before the ledger',
    story: `Ten thousand accepted quotes, three in ten of them announced twice, in any order and in bursts, before the ledger and the starter alone: their real code works in this process against the local cloud's DynamoDB, in tables of its own, while the queue and the state machine only note what they are told. A run that was started ends some messages later as a run ends that stopped, by its real last write, which gives its place to the next in line. Counted are the items of the table, the run numbers and the names of the executions.`,
  },
  faults: {
    title: 'The ERP and the network fail',
    story: `A proxy before the ERP loses answers after the ERP has done the work, answers after the caller has given up, breaks connections, and for some time answers 503 to everything. After a lost answer nobody knows whether the order exists; doing it again could make a second one, not doing it could lose it. The order waits until the call can no longer land, then the ERP is asked. "Parked" counts how often an order waited by itself, and why.`,
  },
  replay: {
    title: 'Everything comes again',
    story: `For each order ten messages are put into the dead-letter queues, one for every hop that it took: what the producer sent, the accepted quote, the order's own message, events for each subscriber, a fact to publish, a corrected mapping, and what a rule could not deliver. All of it is sent again in any order, most of it by the replay function, some by receive, send and delete as the redrive of the SQS console does it, while processes are killed at calls to the ledger that the seed draws, before the call or after. A third of the orders are still under way.`,
  },
  steps: {
    title: 'Every step fails',
    story: `Each of the nine steps fails in every way that it can: what the quote says leads nowhere (an account, a product, a carrier that is not mapped, no country, another price, another tax), the ERP refuses, is away, or its answer is lost, the ledger cannot be written before or after the effect. Nobody asks for anything. An order whose failure passes has to complete by itself; one that needs a person has to wait under the code of its failure, with its question open; nothing may be undone.`,
  },
  undo: {
    title: 'Every step fails, and so does every compensation',
    story: `The same failures; at the moment of each the order is cancelled, as an operator does it. What it has to undo fails as well: the ERP refuses to cancel the draft, is away, or its answer is lost; the ledger cannot be written before or after the draft is cancelled or the tax document voided. The order has to end cancelled with nothing left in the ERP, or with a question to a person: because the ERP will not cancel, or because it was an order already. All of them are touched, for somebody cancelled each.`,
  },
  revisions: {
    title: 'Revisions and withdrawals at any time',
    story: `The second revision of a quote is accepted while the first is not yet there, accepted, waiting, drafted, of unknown effect, being confirmed, confirmed, completed, being cancelled, cancelled, reversed in the ERP, or rejected by the CPQ before; a quote is withdrawn before, while and after its order is made; older revisions come long after a newer one, and three come at once. A quote may have one order in the ERP: of the highest revision, unless the one before was past the pivot, where the newer one has to ask a person and make nothing. Orders that somebody cancelled or reversed on the way are touched.`,
  },
  decisions: {
    title: 'People decide at once, again, and too late',
    story: `Orders wait for a person, since their list price is not the ERP's. The same decision is sent a hundred times at once; two people decide differently at the same moment; somebody decides after the default of the policy was decided in place of an answer, as the sweeper does it two days later, which here is a matter of its clock. Each goes through the function that the board and the CLI call. A thousand GET requests go to the pages of a task, with the words of an answer in their address: none may decide. All orders are touched, for people decided about each.`,
  },
  deaths: {
    title: 'Starters and executions die',
    story: `The process of the starter is killed after it has raised the run in the ledger and before it could start the execution. Executions are stopped in each state that does something, while a call of the state to the ledger is held; what the steps of a stopped execution still want of the ledger is held too, until the order was taken over. Of some orders every run is stopped. The order has to go on by itself after the limit of the run; after the fifth death in a row a person has to be asked.`,
  },
  restore: {
    title: 'The ledger is lost',
    story: `Forty quotes are sent, and the ledger of their tenants is exported while the orders are on their way; from then on others are sent. Half a minute later the ledger is emptied and loaded from the backup under a raised epoch, while orders, executions and calls at the ERPs go on: it has forgotten the later orders, and what the earlier ones did meanwhile. The quotes of after the backup are sent again. Each order has to find in the ERP what it had made there. Counted besides are the names of all executions, the ids of all events on the bus by their content, and the chains of facts.`,
  },
  deploy: {
    title: 'Another state machine is deployed',
    story: `Fifty orders are parked, for a product that is not mapped, and ten are in the middle of a run, held at a call to the ledger, when \`cdk deploy\` brings a state machine that has one state more. Then the ten are let go and the product is mapped. All have to complete; the parked ones have to have passed the new state, by the history of their executions.`,
  },
  exploration: {
    title: 'The states of each scope are looked at',
    story: `The decisions of \`lambdas/domain/protocol\`, the ones that the functions execute, are driven through every state that they reach in each scope that is whole, and the first ones of one that does not end within its limits: with a store, an ERP and a tax provider, and whatever the scope lets the outside world do between any two steps. In each state the invariants of [correctness.md](correctness.md) hold; from each state the system's own steps lead to an end, or to a person with a due time. What a scope allows stands in \`test/protocol/scopes.ts\`.`,
  },
  histories: {
    title: 'Random histories',
    story: `The ledger's own code and the real functions of quote-to-order, the starter, the sweeper and the waker, over a table, an ERP without unique keys and a tax provider in memory. Three revisions of a quote come in any order, some twice; people cancel, withdraw, decide, correct, and take orders back in the ERP; answers are lost or come late, calls are refused, functions die or go on as zombies, executions end without a word, messages are lost or come twice. In half as many more each, the ledger is lost in the midst, with everybody who is at work, and comes back from an older backup: one of the real export, made in pages while everything goes on, or a torn one, with each order and each quote of a random moment of its own; what the CPQ has sent comes again. A seeded scheduler decides at each call to the outside who goes next, and keeps the clock. Each write of the ledger is looked at, and in the end the documents of the ERP and of the tax provider are counted.`,
  },
  stalled: {
    title: 'A function stands still',
    story: `In the same process a function stands still before one of its calls to the outside, each step at each of its calls, while nothing else, a cancellation, a newer revision or a correction happens. Lambda would kill it at its timeout; here nobody does. When its successors have brought the order to its end, and all looks that were owed are over, it is woken and goes on with what it was about to do. A draft that it makes then is found and cancelled.`,
  },
  schedules: {
    title: 'Everybody at once',
    story: `In the same process an order waits for a person. Then two people answer, somebody cancels, a function of long ago comes back with a draft that nobody knew of, and runs die and go on as zombies beside the next, all at once: the seed decides who goes first at each call to the outside.`,
  },
};

export const NOT_PROMISED = `## What is not promised
- Not measured on AWS: a local cloud keeps time, order and concurrency in its own way. What the design relies on is the ledger's conditional write, which is the same.
- Two *drafts* of an order may exist for a moment, after an answer was lost; one is found and cancelled. Campaigns in which nobody cancels fail for that too, since nothing in them lands after its settle time. Two *confirmed* orders cannot exist, since a confirm addresses the one draft that the ledger names.
- No time is promised. An order whose answer was lost waits for what was left of the function's time (at most 45 s; 15 s in most campaigns, so that more fits into their time) and the ERP's own maximum (31 s in Tryton, 2 s in the ERP simulator), and a killed step keeps its admission slot until its time would have been over.
- Only the process that calls the ERP is killed in "kill"; in "replay" also those of the replay, the starter and the other steps, in "deaths" the starter; never the publisher, the intake or the delivery. The seed decides which quotes, points, shares and pauses are drawn; which call comes first is decided by the machine, so a seed repeats the plan of a run and not its interleaving.
- The cloud itself is not killed: the ledger is assumed to keep what it has acknowledged.
`;

export const INTRODUCTION = `# Reliability
Written by \`npm run campaigns\`, which starts the local cloud and the ERPs, does to them what happens to systems like this one, and then counts. Do not edit: the figures stand in \`docs/reliability.json\`.

Whatever was done to them, the orders of every campaign are counted in the ERP's own database: Tryton's database file is read directly, the ERP simulator is asked for its orders, neither through the connector. *Duplicates* are quotes with more than one order there, under the key of one revision or of several. *Lost* are orders that are completed in the ledger and not confirmed in the ERP, cancelled or reversed in the ledger and not in the ERP, or none of these and without a code and a due time. Whoever waits for a person has one open question, its own or that of the cause it shares. At the end each subscriber's state of every order is the ledger's. *Touched* are orders with a fact that is not the system's own: where nobody is asked to cancel or decide, nobody may have had to help. A campaign in which one of this does not hold fails and writes no figures; the others go on.
`;
