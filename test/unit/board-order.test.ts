import type { GetExecutionHistoryCommand, HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { executionTimings, timingOf } from '../../lambdas/aws/history.ts';
import { executionLink } from '../../lambdas/board/execution-link.ts';
import { html } from '../../lambdas/board/html.ts';
import { span } from '../../lambdas/board/runs.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Wait } from '../../lambdas/domain/waiting.ts';
import { textOf } from '../support/board.ts';
import { boardOf, nth, waiting } from './board-fixtures.ts';
import { confirmed, inSeconds, NOW, open } from './domain-fixtures.ts';

const HOSTILE = `"><script>alert('x')</script>\u202E&amp;`;

test('a template escapes whatever is not its own', () => {
  expect(html`<a title="${HOSTILE}">${[HOSTILE, html`<b>${1}</b>`, undefined, false]}</a>`.text).toBe(
    `<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp;amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp;amp;<b>1</b></a>`,
  );
});

describe('the page of an order', () => {
  test('says why it waits, who has to act, and the command that helps', async () => {
    const head = waiting(5);
    const { status, body } = await boardOf([head]).get(`/orders/${head.orderKey}`);
    expect(status).toBe(200);
    const text = textOf(body);
    expect(text).toContain('No product of the ERP is mapped to this product code: product X-1 .');
    expect(text).toContain('PRODUCT_UNMAPPED for 5 min ; master-data has to act (data quality)');
    expect(text).toContain(`npx quotebridge tasks decide ${causeTaskId('acme#erp#product#X-1')} correct --target CODE --reason TEXT`);
    expect(text).toContain('Runbook: docs/runbooks/master-data.md , section A mapping is missing');
    expect(text).toContain('The order was parked: it waits.');
    expect(text).toContain('behind: billing, analytics');
  });

  test('names the blank of the command, whatever the code holds, and where it is looked up', async () => {
    const head = waiting(1, { wait: { ...waiting(1).wait, cause: 'acme#erp#product#<script>alert(2)</script>' } as Wait });
    const path = `/orders/${head.orderKey}`;
    const text = textOf((await boardOf([head]).get(path)).body);
    expect(text).toContain('In the place of CODE put the code of the product in ERP erp. Its own client shows it;');
    expect(text).not.toContain('In the place of <script>');
    const codesLink = (erp: string, kind: string) => ({ href: `http://erp.example/${erp}/${kind}`, note: 'Log in as clerk.' });
    const { body } = await boardOf([head], { codesLink }).get(path);
    expect(body).toContain('<a href="http://erp.example/erp/product" rel="noreferrer">Its own client</a> shows it');
    expect(textOf(body)).toContain('shows what is mapped. Log in as clerk.');
  });

  test('leads to the runbook where the docs can be read', async () => {
    const head = waiting(1);
    const { body } = await boardOf([head], { docsUrl: 'https://docs.example' }).get(`/orders/${head.orderKey}`);
    expect(body).toContain(
      'Runbook: <a href="https://docs.example/runbooks/master-data.md#a-mapping-is-missing" rel="noreferrer">A mapping is missing</a>',
    );
  });

  test('an order that goes on by itself asks nobody to do anything', async () => {
    const head = waiting(5, { wait: { kind: 'vendor', code: 'ERP_UNAVAILABLE', since: NOW, times: 1 }, dueAt: inSeconds(90) });
    const { body } = await boardOf([head]).get(`/orders/${head.orderKey}`);
    expect(textOf(body)).toContain('Nothing has to be done. Nothing: the order tries again by itself. It is due in 2 min .');
  });

  test('escapes what vendors and producers wrote', async () => {
    const head = waiting(1, {
      quote: { ...nth(1).quote, number: HOSTILE },
      wait: { kind: 'person', code: 'ERP_REFUSED', detail: HOSTILE, since: NOW, times: 1 },
      stops: { cancel: { by: HOSTILE, at: NOW, reason: HOSTILE } },
    });
    const { get } = boardOf([head]);
    for (const path of ['/', '/orders', `/orders/${head.orderKey}`]) {
      const { body } = await get(path);
      expect(body).toContain('&lt;script&gt;alert(&#39;x&#39;)');
      expect(body).not.toMatch(/<script>|\u202E/);
    }
  });

  test('leads to the order in the ERP and to the executions', async () => {
    const head = { ...confirmed, open: open({ action: 'record-tax' }) };
    const { get } = boardOf([head], { saleLink: (erp, reference) => ({ href: `http://erp.example/${erp}/${reference}`, note: 'Log in as clerk.' }) });
    const { body } = await get(`/orders/${head.orderKey}`);
    expect(body).toContain(
      `<a href="http://erp.example/erp/7" rel="noreferrer">order S7 in the ERP's own client</a>, 119.00 EUR with tax<br><span class="small soft">Log in as clerk.</span>`,
    );
    expect(body).toContain(`#/v2/executions/details/arn%3Aaws%3Astates%3Aeu-central-1%3A123456789012%3Aexecution%3Am%3A${head.orderKey}-0-3`);
    expect(textOf(body)).toContain('Vendor call record-tax is in flight');
    expect(textOf(body)).toContain('When its steps ran is not recorded');
  });

  test('draws the steps that the history of the cloud tells of, and goes without one that cannot be read', async () => {
    const timing = {
      startedAt: NOW,
      endedAt: inSeconds(4),
      more: false,
      steps: [{ name: 'Check customer', startedAt: inSeconds(1), endedAt: inSeconds(3), calls: 2 }],
    };
    const head = waiting(1);
    const asked: string[] = [];
    const timings = async (arn: string) => {
      asked.push(arn);
      return timing;
    };
    const { body } = await boardOf([head], { timings }).get(`/orders/${head.orderKey}`);
    expect(textOf(body)).toContain('Check customer 2 calls · took 2.00 s');
    expect(body).toContain('<rect class="step" x="250" y="2" width="500" height="8"/>');
    expect(asked).toEqual([`arn:aws:states:eu-central-1:123456789012:execution:m:${head.orderKey}-0-1`]);
    const failing = boardOf([head], { timings: () => Promise.reject(new Error('no')) });
    expect(await failing.get(`/orders/${head.orderKey}`)).toMatchObject({ status: 200 });
  });

  test('of very many runs shows the newest and reads the history of a few', async () => {
    const head = waiting(1, { run: { ...waiting(1).run, n: 400 } });
    let asked = 0;
    const timings = async () => {
      asked += 1;
      return { startedAt: NOW, endedAt: NOW, more: false, steps: [] };
    };
    const { body } = await boardOf([head], { timings }).get(`/orders/${head.orderKey}`);
    expect(asked).toBe(5);
    expect(textOf(body)).toContain('The newest 20 of 400 runs.');
  });
});

test('a span is told in two units at most', () => {
  expect([0.42, 9.994, 59.4, 250, 7500, 273_600].map((seconds) => span(NOW, inSeconds(seconds)))).toEqual([
    '0.42 s',
    '9.99 s',
    '59 s',
    '4 min 10 s',
    '2 h 5 min',
    '3 d 4 h',
  ]);
});

test('an execution is found in the console of its partition, or by a command on a local cloud', () => {
  const arn = 'arn:aws-cn:states:cn-north-1:123456789012:execution:m:K-0-1';
  expect(executionLink(arn, undefined)).toEqual({
    href: `https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/v2/executions/details/${encodeURIComponent(arn)}`,
  });
  expect(executionLink(arn, 'http://127.0.0.1:4566').command).toContain(`--endpoint-url http://127.0.0.1:4566 --execution-arn ${arn}`);
});

const event = (seconds: number, type: string, more: object = {}): HistoryEvent =>
  ({ id: seconds, timestamp: new Date(inSeconds(seconds)), type, ...more }) as HistoryEvent;
const entered = (seconds: number, name: string, type = 'TaskStateEntered') => event(seconds, type, { stateEnteredEventDetails: { name } });

describe('the history of an execution', () => {
  test('as AWS writes it: steps by name, a call that was repeated, one that failed for good', () => {
    const timing = timingOf([
      event(0, 'ExecutionStarted'),
      entered(0, 'Make the order', 'ParallelStateEntered'),
      entered(1, 'Check customer'),
      event(1, 'TaskScheduled'),
      event(2, 'TaskFailed', { taskFailedEventDetails: { error: 'Busy' } }),
      event(4, 'TaskScheduled'),
      event(5, 'TaskSucceeded'),
      event(5, 'TaskStateExited'),
      entered(6, 'Map products'),
      event(6, 'TaskScheduled'),
      event(7, 'TaskFailed', { taskFailedEventDetails: { error: 'Stop' } }),
      event(7, 'ParallelStateFailed'),
      entered(8, 'Settle'),
      event(8, 'TaskScheduled'),
    ]);
    expect(timing).toEqual({
      startedAt: NOW,
      endedAt: undefined,
      more: false,
      steps: [
        { name: 'Check customer', startedAt: inSeconds(1), endedAt: inSeconds(5), calls: 2, error: undefined },
        { name: 'Map products', startedAt: inSeconds(6), endedAt: inSeconds(7), calls: 1, error: 'Stop' },
        { name: 'Settle', startedAt: inSeconds(8), calls: 1, endedAt: undefined, error: undefined },
      ],
    });
  });

  test('as MiniStack writes it: no names within a Parallel', () => {
    const timing = timingOf([
      event(0, 'ExecutionStarted'),
      event(1, 'TaskScheduled'),
      event(2, 'TaskSucceeded'),
      event(2, 'TaskScheduled'),
      event(3, 'TaskFailed', { taskFailedEventDetails: { error: 'Stop' } }),
      entered(3, 'Settle'),
      event(3, 'TaskScheduled'),
      event(4, 'TaskSucceeded'),
      event(4, 'TaskStateExited'),
      event(4, 'ExecutionSucceeded'),
    ]);
    expect(timing?.endedAt).toBe(inSeconds(4));
    expect(timing?.steps.map(({ name, startedAt, endedAt, error }) => [name, startedAt, endedAt, error])).toEqual([
      [undefined, inSeconds(1), inSeconds(2), undefined],
      [undefined, inSeconds(2), inSeconds(3), 'Stop'],
      ['Settle', inSeconds(3), inSeconds(4), undefined],
    ]);
  });

  test('is read one page of; one that the cloud does not keep is not known', async () => {
    const sent: GetExecutionHistoryCommand[] = [];
    const client = {
      send: async (command: GetExecutionHistoryCommand) => {
        sent.push(command);
        return { events: [event(0, 'ExecutionStarted')], nextToken: 'more' };
      },
    } as unknown as SFNClient;
    expect(await executionTimings(client)('arn')).toMatchObject({ more: true });
    expect(sent[0]?.input).toEqual({ executionArn: 'arn', maxResults: 300 });
    expect(timingOf([])).toBeUndefined();
  });
});
