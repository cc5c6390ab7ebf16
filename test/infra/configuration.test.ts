import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, parseConfig } from '../../config/index.ts';
import { exampleConfig, root } from './templates.ts';

const names = { tenants: Object.keys((await loadConfig('local')).policy.tenants).join(', ') };

describe('a wrong configuration names file, path and what was expected', () => {
  const failure = async (change: (config: Record<string, never>) => void): Promise<string> => {
    const config = structuredClone(await loadConfig('local'));
    change(config as unknown as Record<string, never>);
    try {
      parseConfig('config/local.ts', config);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('the configuration was accepted');
  };

  // biome-ignore lint/suspicious/noExplicitAny: the point of these tests are values of the wrong type
  type Wrong = any;

  test.each<[string, (config: Wrong) => void, string]>([
    [
      'a text for a number',
      (c) => Object.assign(c.policy.erps.main, { maxInFlight: 'three' }),
      'policy.erps.main.maxInFlight: expected number, received string',
    ],
    ['a number too small', (c) => Object.assign(c.policy.erps.main, { maxInFlight: 0 }), 'policy.erps.main.maxInFlight: expected number to be >=1'],
    ['a missing section', (c) => delete c.policy.times, 'policy.times: expected object, received undefined'],
    ['a misspelt setting', (c) => Object.assign(c, { alarmMail: 'a@b.c' }), 'alarmMail: expected no such setting'],
    [
      'a stage that is no name',
      (c) => Object.assign(c, { stage: 'My-Stage' }),
      'stage: expected 1 to 12 lower-case letters and digits, a letter first',
    ],
    ['an account that is none', (c) => Object.assign(c.env, { account: '12' }), 'env.account: expected an AWS account id of 12 digits'],
    [
      'a route to an unknown ERP',
      (c) => Object.assign(c.policy.tenants.t01.routes[0], { erp: 'nope' }),
      'policy.tenants.t01.routes.0.erp: expected one of the ERP instances main, sim, received "nope"',
    ],
    [
      'rules of an unknown tenant',
      (c) => Object.assign(c.policy.rules.tenants, { t001: { afterPivot: 'amend' } }),
      `policy.rules.tenants: expected one of ${names.tenants}, received "t001"`,
    ],
    [
      'rules of an unknown region',
      (c) => Object.assign(c.policy.rules.regions, { EMEA: {} }),
      `policy.rules.regions: expected one of EU, SIM, received "EMEA"`,
    ],
    [
      'a rule of the matrix for an unknown business unit',
      (c) =>
        Object.assign(c.policy.rules.regions, {
          EU: { approvals: { x: { title: 'x', when: { businessUnits: ['trad'] }, approvers: ['finance'] } } },
        }),
      `policy.rules.regions.EU.approvals.x.when.businessUnits: expected one of trade, received "trad"`,
    ],
    [
      'a misspelt rule',
      (c) => Object.assign(c.policy.rules.tenants, { t01: { tolerence: {} } }),
      'policy.rules.tenants.t01.tolerence: expected no such setting',
    ],
    [
      'a retry of what was refused',
      (c) => Object.assign(c.policy.rules.default.retry, { CUSTOMER_UNKNOWN: { seconds: 1, times: 1 } }),
      'policy.rules.default.retry.CUSTOMER_UNKNOWN: expected no such setting',
    ],
    [
      'a refused request that is tried again at last',
      (c) => Object.assign(c.policy.rules.default.asking, { ERP_REFUSED: { due: 60, escalate: [], atLast: 'retry' } }),
      'policy.rules.default.asking.ERP_REFUSED.atLast: expected another answer: what was refused is not tried again by itself',
    ],
    [
      'an approval matrix over a connection that does not read what it is about',
      (c) =>
        delete c.policy.tenants.t01.cpqs.salesforce.terms &&
        Object.assign(c.policy.rules.tenants, {
          t01: { approvals: { late: { title: 'Net 60', when: { paymentTerms: ['Net-60'] }, approvers: ['finance'] } } },
        }),
      'policy.tenants.t01.cpqs.salesforce.terms: expected true: the approval matrix of this tenant needs payment term, families, costs and who asked for the terms',
    ],
    [
      'a group of nobody',
      (c) => Object.assign(c.policy.owners.finance, { members: [] }),
      'policy.owners.finance.members: expected somebody: a group of nobody answers no question',
    ],
    [
      'a deputy of a stranger',
      (c) =>
        Object.assign(c.policy.owners.finance, {
          members: ['cli:anna', 'arn:x/*'],
          deputies: { 'cli:anna': 'cli:b', 'arn:x/c': 'cli:b', 'cli:eve': 'cli:b' },
        }),
      'policy.owners.finance.deputies.cli:eve: expected a member of the group: nobody stands in for somebody else',
    ],
    [
      'a misspelt setting of a group',
      (c) => Object.assign(c.policy.owners.finance, { deputys: {} }),
      'policy.owners.finance.deputys: expected no such setting',
    ],
    ...(
      [
        ['nobody', 'cli:anna', '', 'expected a name in full'],
        ['anybody', 'cli:anna', '*', 'expected a name in full'],
        ['all of a role', 'cli:anna', 'arn:y/*', 'expected a name in full'],
        ['the member itself', 'cli:anna', 'cli:anna', 'expected another person: nobody stands in for themselves'],
        ['somebody, for a whole role', 'arn:x/*', 'cli:b', 'expected a member in full: each has a deputy of its own'],
      ] as const
    ).map(([who, member, deputy, expected]): [string, (config: Wrong) => void, string] => [
      `a deputy that is ${who}`,
      (c) => Object.assign(c.policy.owners.finance, { members: ['cli:anna', 'arn:x/*'], deputies: { [member]: deputy } }),
      `policy.owners.finance.deputies.${member}: ${expected}`,
    ]),
    ...(
      [
        ['ERP_REFUSED', 'reject', 'cancel'],
        ['APPROVAL_NEEDED', 'cancel', 'reject'],
        ['WITHDRAWN_AFTER_PIVOT', 'cancel', 'keep'],
        ['ERP_UNAVAILABLE', 'keep', 'cancel or retry'],
        ['CUSTOMER_HIERARCHY_GAP', 'keep', 'cancel or reject'],
        ['QUOTE_CONTENT_CHANGED', 'cancel', 'none'],
      ] as const
    ).map(([code, atLast, answers]): [string, (config: Wrong) => void, string] => [
      `${atLast} at last of ${code}`,
      (c) => Object.assign(c.policy.rules.default.asking, { [code]: { due: 60, escalate: [], atLast } }),
      `policy.rules.default.asking.${code}.atLast: expected ${answers}, received "${atLast}": the question has no such answer`,
    ]),
    [
      'a group of one that approves twice',
      (c) => {
        Object.assign(c.policy.owners.finance, { members: ['cli:anna'] });
        Object.assign(c.policy.rules.tenants, { t01: { approvals: { x: { title: 'x', when: {}, approvers: ['finance', 'finance'] } } } });
      },
      'policy.rules.tenants.t01.approvals.x.approvers: expected groups with another person for each: nobody approves twice, so the question could never be answered in full',
    ],
    [
      'approvers of whom there are too few people',
      (c) => {
        for (const [group, members] of [
          ['finance', ['cli:anna']],
          ['platform', ['cli:anna']],
        ] as const)
          Object.assign(c.policy.owners[group], { members });
        const approvers = ['platform', 'sales-operations', 'finance'];
        Object.assign(c.policy.rules.tenants, { t01: { approvals: { x: { title: 'x', when: {}, approvers } } } });
      },
      'policy.rules.tenants.t01.approvals.x.approvers: expected groups with another person for each: nobody approves twice, so the question could never be answered in full',
    ],
    [
      'approvers who are one person by two names',
      (c) => {
        Object.assign(c.policy.owners.finance, { members: ['cli:anna'] });
        Object.assign(c.policy.owners.platform, { members: ['board:anna'] });
        Object.assign(c.policy.rules.tenants, { t01: { approvals: { x: { title: 'x', when: {}, approvers: ['platform', 'finance'] } } } });
      },
      'policy.rules.tenants.t01.approvals.x.approvers: expected groups with another person for each: nobody approves twice, so the question could never be answered in full',
    ],
    [
      'an approver that is no group',
      (c) => Object.assign(c.policy.rules.default.approvals, { x: { title: 'x', when: {}, approvers: ['boss'] } }),
      'policy.rules.default.approvals.x.approvers.0: expected one of "sales-operations"|"master-data"|"finance"|"erp-support"|"platform"',
    ],
    [
      'a time zone that there is not',
      (c) => Object.assign(c.policy.owners.finance.calendar, { timeZone: 'Europe/Atlantis' }),
      'policy.owners.finance.calendar.timeZone: expected a time zone such as "Europe/Berlin"',
    ],
    [
      'a producer account on a laptop',
      (c) => Object.assign(c, { producerAccounts: ['444455556666'] }),
      'producerAccounts: expected none: local clouds have one account',
    ],
  ])('%s', async (_what, change, expected) => {
    expect(await failure(change)).toBe(`config/local.ts: ${expected}`);
  });

  test('a shared question may have another answer at last, and a role may have as many people as there are approvers', async () => {
    const config = structuredClone(await loadConfig('local')) as Wrong;
    config.policy.rules.default.asking = { CUSTOMER_HIERARCHY_GAP: { due: 60, escalate: [], atLast: 'cancel' } };
    Object.assign(config.policy.owners.finance, { members: ['cli:anna', 'cli:berta'] });
    Object.assign(config.policy.owners['sales-operations'], { members: ['cli:anna'], deputies: { 'cli:anna': 'cli:carl' } });
    Object.assign(config.policy.owners.platform, { members: ['arn:x/*'] });
    const approvers = ['finance', 'sales-operations', 'platform'];
    config.policy.rules.default.approvals = { x: { title: 'x', when: {}, approvers } };
    expect(() => parseConfig('config/local.ts', config)).not.toThrow();
    config.policy.owners.finance.members.pop();
    expect(() => parseConfig('config/local.ts', config)).toThrow('another person for each');
  });

  test('several wrong values are all named at once', async () => {
    const message = await failure((config: Wrong) => {
      config.policy.erps.main.maxInFlight = 0;
      config.policy.times.runLimit = 'soon';
    });
    expect(message.split('\n')).toHaveLength(2);
  });

  test('it fails the synthesis, which writes no template', () => {
    const { status, stderr, outdir } = synthesize({ QUOTEBRIDGE_STAGE: 'nosuchstage' });
    expect(status).toBe(1);
    expect(stderr).toContain('config/nosuchstage.ts is missing');
    expect(readdirSync(outdir)).toEqual([]);
  });
});

describe('stages', () => {
  test('a stage that is not there says how to make one', async () => {
    await expect(loadConfig('nosuchstage')).rejects.toThrow('Copy config/example.ts');
    await expect(loadConfig('../local')).rejects.toThrow('There is no stage');
    await expect(loadConfig('schema')).rejects.toThrow('There is no stage');
  });

  test('a laptop chooses its cloud by command; an AWS stage cannot be sent to a local cloud, nor the other way round', async () => {
    expect((await loadConfig('local', 'localstack')).cloud).toBe('localstack');
    expect((await loadConfig('local')).cloud).toBe('ministack');
    await expect(loadConfig('local', 'aws')).rejects.toThrow('config/local.ts: cloud: expected ministack, but this command deploys to aws');
    await expect(loadConfig('example', 'ministack')).rejects.toThrow('expected aws, but this command deploys to ministack');
  });

  test('the example explains every setting that it has', async () => {
    const example = readFileSync(join(root, 'config/example.ts'), 'utf8');
    const body = example.slice(example.indexOf('const example'));
    const unexplained = Object.keys(await exampleConfig()).filter((key) => key !== 'policy' && !new RegExp(`// .+\\n  ${key}:`).test(body));
    expect(unexplained).toEqual([]);
  });

  test('times of a laptop are those of a test, times of AWS those of people', async () => {
    const [local, aws] = [(await loadConfig('local')).policy.times, (await exampleConfig()).policy.times];
    expect(local).toMatchObject({ runLimit: 20, runTimeout: 600, deathBackoff: 2, sweepEvery: 5, probes: [60, 120] });
    expect(aws).toMatchObject({ runLimit: 900, runTimeout: 1800, deathBackoff: 120, sweepEvery: 60, probes: [3600, 86400] });
  });
});

describe('an AWS stage', () => {
  const { status, stderr, outdir } = synthesize({ QUOTEBRIDGE_STAGE: 'example' });

  test('is synthesized without credentials, region or home', () => {
    expect(status, stderr).toBe(0);
    expect(
      readdirSync(outdir)
        .filter((name) => name.endsWith('.template.json'))
        .sort(),
    ).toEqual([
      'quotebridge-example-data.template.json',
      'quotebridge-example-integration.template.json',
      'quotebridge-example-operations.template.json',
    ]);
  });

  test('gets every function bundled with its policy, and without the loop that only the embedded cloud needs', async () => {
    const folders = globSync('*/*/handler.ts', { cwd: join(root, 'lambdas/functions') }).map((file) => file.replace('/handler.ts', ''));
    const { policy } = await exampleConfig();
    for (const folder of folders) {
      expect(readdirSync(join(outdir, 'functions', folder)).sort()).toEqual(['index.mjs', 'index.mjs.map', 'policy.json']);
      expect(JSON.parse(readFileSync(join(outdir, 'functions', folder, 'policy.json'), 'utf8'))).toEqual(policy);
    }
  });
});

/** `cdk synth` in an environment that has nothing of AWS in it. */
function synthesize(env: Record<string, string>) {
  const outdir = mkdtempSync(join(tmpdir(), 'quotebridge-synth-'));
  const home = mkdtempSync(join(tmpdir(), 'quotebridge-home-'));
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/.bin/cdk'), 'synth', '--quiet', '--output', outdir], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH, HOME: home, CDK_DISABLE_CLI_TELEMETRY: 'true', ...env },
  });
  return { status, stderr, outdir };
}
