import { expect, test } from 'vitest';
import { isLoopback, localEnvironment, refuseCustomEndpoint, refuseRemoteEndpoint } from '../../local/cloud/endpoint.ts';

test.each(['http://127.0.0.1:4566', 'http://localhost:4566', 'http://[::1]:4566', 'http://localhost.localstack.cloud:4566', 'http://127.9.8.7'])(
  '%s is on this machine',
  (url) => {
    expect(isLoopback(url)).toBe(true);
    expect(() => refuseRemoteEndpoint({ AWS_ENDPOINT_URL: url })).not.toThrow();
  },
);

test.each(['https://sqs.us-east-1.amazonaws.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'http://10.0.0.1', 'nonsense'])(
  'local commands refuse %s, whichever variable names it',
  (url) => {
    expect(() => refuseRemoteEndpoint({ AWS_ENDPOINT_URL: url })).toThrow('local commands do not touch it');
    expect(() => refuseRemoteEndpoint({ AWS_ENDPOINT_URL_S3: url })).toThrow('AWS_ENDPOINT_URL_S3');
  },
);

test('a deployment to AWS refuses any endpoint, a local one first of all', () => {
  expect(() => refuseCustomEndpoint({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toThrow('on this machine: this command deploys to AWS');
  expect(() => refuseCustomEndpoint({ AWS_ENDPOINT_URL_DYNAMODB: 'https://proxy.example.com' })).toThrow('not AWS');
  expect(() => refuseCustomEndpoint({ AWS_PROFILE: 'production', AWS_ENDPOINT_URL: '' })).not.toThrow();
});

test('what runs locally gets dummy credentials and nothing of the caller', () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_PROFILE: 'production',
    AWS_ACCESS_KEY_ID: 'real',
    AWS_SESSION_TOKEN: 'real',
    AWS_ENDPOINT_URL_SQS: 'http://10.0.0.1',
  });
  try {
    const given = localEnvironment('http://127.0.0.1:1');
    expect(given).toMatchObject({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'test', AWS_CONFIG_FILE: '/dev/null' });
    expect(Object.keys(given)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
    expect(given.AWS_SESSION_TOKEN).toBeUndefined();
    expect(given.AWS_ENDPOINT_URL_SQS).toBeUndefined();
  } finally {
    process.env = before;
  }
});
