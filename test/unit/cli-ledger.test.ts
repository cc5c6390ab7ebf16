import { describe, expect, it } from 'vitest';
import { restoredText, restoreRefusal } from '../../cli/ledger.ts';
import { RestoreContended, type RestoreRecord } from '../../lambdas/ledger/epoch.ts';
import { RestoreUnderWay } from '../../lambdas/ledger/restoring.ts';
import { howTos } from '../support/runbooks.ts';
import { NOW } from './domain-fixtures.ts';

const loading: RestoreRecord = { epoch: 3, status: 'loading', at: NOW, runsFrom: NOW, by: 'cli:somebody', reason: 'a test' };

describe('a restore that could not be made', () => {
  it('says who loads since when, and how that is finished or taken over', () => {
    expect(restoreRefusal(new RestoreUnderWay(loading, 'acme'), 'local')).toMatchObject({
      name: 'Refused',
      message: expect.stringContaining(`epoch 3 of tenant acme is being loaded since ${NOW}, by cli:somebody`),
      cure: expect.stringMatching(/--from FILE --reason TEXT --tenant acme\n.*--take-over/),
    });
  });

  it('of a restore that was overtaken says where to look', () => {
    expect(restoreRefusal(new RestoreContended('gone'), 'local')).toMatchObject({ name: 'Refused', cure: expect.stringContaining('doctor') });
  });

  it('of a table that is not there says so, and leaves any other failure as it is', () => {
    const missing = Object.assign(new Error('Requested resource not found'), { name: 'ResourceNotFoundException' });
    expect(restoreRefusal(missing, 'local', 'nosuch')).toMatchObject({ name: 'Refused', message: 'There is no table nosuch.' });
    expect(restoreRefusal(missing, 'local')).toBe(missing);
    const other = new Error('something else');
    expect(restoreRefusal(other, 'local', 'nosuch')).toBe(other);
  });
});

describe('a restore that was made', () => {
  const text = restoredText(loading, 2, 'local');
  const howTo = howTos.find(({ title }) => title === 'How to restore the ledger')?.text ?? '';

  it('says when orders run again, and all that it has forgotten: what is sent again, what is said again, what is answered again', () => {
    expect(text).toMatch(/^Epoch 3: 2 orders will run from 2026-01-01 12:00:00 UTC on/);
    expect(text).toMatch(/^ +send again +.*accepted, withdrawn, .*archive.*CPQ/m);
    expect(text).toMatch(/^ +say again +orders that were cancelled, mappings that were changed.*nobody is asked/m);
    expect(text).toMatch(/^ +answer again +questions that were answered.*\n.*npx quotebridge tasks list$/m);
    expect(text).toContain('npx quotebridge orders cancel ORDER-KEY --reason TEXT');
    expect(text).toContain('docs/runbooks/operations.md#how-to-restore-the-ledger');
  });

  it.each(['withdrawn', 'milestones', '`orders cancel ', '`reference set ', 'Answer again by then', 'refused'])(
    'leads to the runbook, which has the way of each: %s',
    (word) => {
      expect(howTo).toContain(word);
    },
  );
});
