/**
 * The event loop that AWS's own Node runtime has inside, for the embedded local cloud: asks the Lambda Runtime API for the next
 * invocation, calls the handler, answers with its result or with the name of its error. Plain JavaScript, since it runs unbundled.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

/** `node:http` rather than `fetch`: waiting for the next invocation may take longer than fetch waits for headers (5 minutes). */
function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${base}${path}`, { method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** As the Node runtime of AWS reports an error; a thrown value that is no Error has no name of its own. */
function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function report(path, error) {
  const description = describe(error);
  return call('POST', path, JSON.stringify(description), {
    'content-type': 'application/json',
    'lambda-runtime-function-error-type': description.errorType,
  });
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function loadHandler() {
  const [file, name] = (process.env._HANDLER ?? '').split('.');
  const module = await import(pathToFileURL(join(process.cwd(), `${file}.mjs`)).href);
  if (typeof module[name] !== 'function') throw new Error(`${file}.mjs exports no function "${name}"`);
  return module[name];
}

async function serveOne(handler) {
  const { headers, body } = await call('GET', '/invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  if (headers['lambda-runtime-trace-id']) process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  let answer;
  try {
    answer = JSON.stringify((await handler(JSON.parse(body), contextOf(headers))) ?? null);
  } catch (error) {
    console.error(error);
    await report(`/invocation/${id}/error`, error);
    return;
  }
  await call('POST', `/invocation/${id}/response`, answer, { 'content-type': 'application/json' });
}

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  console.error(error);
  await report('/init/error', error);
  process.exit(1);
}
for (;;) await serveOne(handler);
