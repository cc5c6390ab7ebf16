import { describe, expect, test } from 'vitest';
import { createLogins, newPasswords } from '../../local/board/logins.ts';
import { createSessions } from '../../local/board/sessions.ts';

/** A clock that a test moves. */
function clock() {
  let at = 0;
  return {
    now: () => at,
    pass: (seconds: number) => {
      at += seconds * 1000;
    },
  };
}

describe('logging in', () => {
  test('every environment has passwords of its own', () => {
    const [one, other] = [newPasswords(['ada', 'bob']), newPasswords(['ada', 'bob'])];
    expect(new Set([one.ada, one.bob, other.ada, other.bob]).size).toBe(4);
    expect(one.ada?.length).toBeGreaterThanOrEqual(16);
  });

  test('after five wrong passwords a name rests, the right one too, and no other name', () => {
    const { now, pass } = clock();
    const { logIn } = createLogins({ ada: 'secret-a', bob: 'secret-b' }, now);
    for (let n = 0; n < 5; n++) expect(logIn('ada', 'x')).toEqual({ refused: 'wrong' });
    expect(logIn('ada', 'secret-a')).toEqual({ refused: 'paused', seconds: 60 });
    expect(logIn('bob', 'secret-b')).toEqual({ name: 'bob' });
    pass(60);
    expect(logIn('ada', 'secret-a')).toEqual({ name: 'ada' });
  });

  test('a right one between starts the count anew; unknown names are counted as one', () => {
    const { logIn } = createLogins({ ada: 'secret-a' }, clock().now);
    for (let n = 0; n < 20; n++) expect(logIn('ada', n % 3 === 2 ? 'secret-a' : 'x')).not.toMatchObject({ refused: 'paused' });
    for (let n = 0; n < 5; n++) logIn(`nobody-${n}`, 'x');
    expect(logIn('somebody-else', 'x')).toMatchObject({ refused: 'paused' });
  });
});

describe('a session', () => {
  test('ends after eight hours, or when it is ended', () => {
    const { now, pass } = clock();
    const sessions = createSessions(now);
    const [one, other] = [sessions.begin('ada'), sessions.begin('bob')];
    expect(sessions.find(one)).toMatchObject({ actor: 'board:ada', name: 'ada' });
    sessions.end(other);
    expect(sessions.find(other)).toBeUndefined();
    pass(8 * 3600 - 1);
    expect(sessions.find(one)).toBeDefined();
    pass(1);
    expect(sessions.find(one)).toBeUndefined();
    expect(sessions.find('guessed')).toBeUndefined();
  });

  test('of very many the oldest end', () => {
    const sessions = createSessions();
    const ids = Array.from({ length: 201 }, () => sessions.begin('ada'));
    expect(sessions.find(ids[0])).toBeUndefined();
    expect(sessions.find(ids[1])).toBeDefined();
    expect(sessions.find(ids[200])).toBeDefined();
  });

  test('a token is good once, for its form, in its session', () => {
    const sessions = createSessions();
    const visitor = (name: string) => sessions.find(sessions.begin(name));
    const [ada, again] = [visitor('ada'), visitor('ada')];
    const token = ada?.issue('/tasks/1/decide') ?? '';
    expect(ada?.spend('/tasks/2/decide', token)).toBe('unknown');
    expect(again?.spend('/tasks/1/decide', token)).toBe('unknown');
    const changed = [undefined, '', '.', 'x.y', `x${token}`, token.slice(0, -4), `${token.split('.')[0]}.`];
    for (const wrong of changed) expect(ada?.spend('/tasks/1/decide', wrong)).toBe('unknown');
    expect(ada?.spend('/tasks/1/decide', token)).toBe('fresh');
    for (let n = 0; n < 3; n++) expect(ada?.spend('/tasks/1/decide', token)).toBe('used');
    expect(ada?.spend('/tasks/1/decide', ada.issue('/tasks/1/decide'))).toBe('fresh');
  });
});
