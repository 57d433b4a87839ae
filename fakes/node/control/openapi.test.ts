// Tests that openapi.yaml describes the control address: paths, methods, responses and examples.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020';
import { parse } from 'yaml';
import { type FakeNode, startFakeNode } from '../node';
import { OPERATIONS, PARAMETERS } from './operations';

interface Content {
  readonly 'application/json': { readonly schema: object; readonly example: unknown };
}
interface Response {
  readonly $ref?: string;
  readonly content?: Content;
}
interface Described {
  readonly requestBody?: { readonly content: Content };
  readonly parameters?: readonly { readonly name: string; readonly example: string }[];
  readonly responses: Readonly<Record<string, Response>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

const api: OpenApi = parse(readFileSync(path.join(__dirname, 'openapi.yaml'), 'utf8'));
const ajv = new Ajv2020({ allowUnionTypes: true, strict: false });
ajv.addSchema({ $id: 'api:', ...api });

const resolved = ({ $ref, ...own }: Response): Response =>
  $ref === undefined ? own : (api.components.responses[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {});

/** Expects that a document is valid according to a schema of the file. */
function expectValid(schema: object, document: unknown): void {
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api:#/'));
  const check = ajv.compile(absolute);
  check(document);
  expect(check.errors ?? []).toEqual([]);
}

const described = Object.entries(api.paths).flatMap(([where, methods]) =>
  Object.entries(methods).map(([method, one]) => [method.toUpperCase(), where, one] as const),
);

const ARCHIVES = path.join(__dirname, '../../archive/testdata');

let node: FakeNode;
beforeAll(async () => {
  node = await startFakeNode({ controlAddress: '127.0.0.1:0', controlDirectories: [ARCHIVES, '/none'] });
});
afterAll(() => node.close());

const sendRequest = async (method: string, target: string, body?: unknown, type = 'application/json') => {
  const answer = await fetch(`${node.controlUrl}${target}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    document: text === '' ? undefined : JSON.parse(text),
    allow: answer.headers.get('allow'),
  };
};

test('the file describes every path and method that is served, and no others', () => {
  const served = Object.entries(OPERATIONS).flatMap(([where, methods]) =>
    Object.keys(methods).map((method) => `${method} ${where}`),
  );
  expect(described.map(([method, where]) => `${method} ${where}`).sort()).toEqual(served.sort());
});

/** Request bodies that are sent instead of an example, because the path in the example does not exist here. */
const WITH_FILES: Readonly<Record<string, object>> = {
  '/images': {
    reference: 'localhost/counter:checkpoint',
    archive: path.join(ARCHIVES, 'containerd-2.1.9-counter.tar'),
  },
};

describe.each(described)('%s %s', (method, where, { requestBody, parameters = [], responses }) => {
  const query = new URLSearchParams(
    parameters.map(({ name, example }): [string, string] => [name, example]),
  ).toString();
  const target = query ? `${where}?${query}` : where;

  test('the response to the example is valid according to its schema', async () => {
    const { status, document } = await sendRequest(
      method,
      target,
      WITH_FILES[where] ?? requestBody?.content['application/json'].example,
    );
    const [success] = Object.keys(responses);
    expect({ status, document }).toEqual({ status: Number(success), document });
    const content = resolved(responses[String(status)] ?? {}).content;
    if (content) expectValid(content['application/json'].schema, document);
    else expect(document).toBeUndefined();
  });

  test('all examples are valid according to their schemas', () => {
    for (const response of Object.values(responses)) {
      const content = resolved(response).content?.['application/json'];
      if (content) expectValid(content.schema, content.example);
    }
    const body = requestBody?.content['application/json'];
    if (body) expectValid(body.schema, body.example);
  });
});

test.each([
  ['GET', '/nothing', undefined, 404, /\/nothing does not exist: the paths are \/healthz/],
  ['GET', '//', undefined, 404, /\/\/ does not exist/],
  ['POST', '/calls', undefined, 405, /\/calls takes GET, not POST/],
  ['PUT', '/faults', '- do: explode', 400, /^the plan:1: \[0\]\.do is "explode"/],
  ['PUT', '/clock', 'now', 400, /not a JSON object/],
  ['PUT', '/clock', { forward: 1 }, 400, /unknown key forward/],
  ['PUT', '/clock', { set: 'x' }, 400, /"x" is not a time/],
  ['PUT', '/clock', { advance: 'x' }, 400, /"x" is not a duration/],
  ['PUT', '/clock', {}, 400, /0 keys/],
  ['PUT', '/clock', '{"advance":1e999}', 400, /null is not a duration/],
  ['PUT', '/clock', { advance: `${'9'.repeat(400)}h` }, 400, /is not a duration/],
  ['PUT', '/clock', { advance: 1e15 }, 400, /up to the year 2262/],
  ['PUT', '/clock', { set: -1e300 }, 400, /between the years 1970 and 2262/],
  ['PUT', '/clock', '{"set":1e999}', 400, /between the years 1970 and 2262/],
  ['PUT', '/checkpoint-time', '{"millisecondsPerMiB":1e999}', 400, /is not a time/],
  ['PUT', '/checkpoint-time', { millisecondsPerMiB: -1 }, 400, /-1 is not a time/],
  ['PUT', '/checkpoint-time', { millisecondsPerMiB: '1s' }, 400, /"1s" is not a time/],
  ['POST', '/pods', 'kind: Node', 400, /.+/],
  ['POST', '/images', { reference: 'x' }, 400, /^the body is not an image: send/],
  [
    'POST',
    '/images',
    { reference: 'x', archive: '/none/a.tar' },
    400,
    /^\/none\/a\.tar: image x cannot be made from it/,
  ],
  ['POST', '/images', { reference: 'x', archive: '/x', builder: 'me' }, 400, /^the body is not an image: send/],
  ['DELETE', '/pods', undefined, 400, /name the pod/],
  ['DELETE', '/pods?namespace=a&name=b', undefined, 404, /pod a\/b does not exist/],
  ['DELETE', '/pods?namespace=a&pod=b', undefined, 400, /^DELETE \/pods has no parameter pod: .* namespace, name$/],
  ['GET', '/state?pod=web', undefined, 400, /^GET \/state has no parameter pod: it has no parameters$/],
  [
    'GET',
    '/calls?name=web',
    undefined,
    400,
    /^GET \/calls has no parameter name: the parameters are method, namespace, pod, container$/,
  ],
  ['GET', '//', undefined, 404, /^\/\/ does not exist/],
  ['PUT', '/faults', 'x'.repeat(1024 * 1024 + 1), 413, /more than 1048576 bytes/],
] as const)('%s %s with %j fails with one sentence', async (method, target, body, code, says) => {
  const { status, document } = await sendRequest(method, target, body);
  expect({ status, error: document.error }).toEqual({ status: code, error: expect.stringMatching(says) });
  const { components }: { components: { schemas: { Error: object } } } = parse(
    readFileSync(path.join(__dirname, 'openapi.yaml'), 'utf8'),
  );
  expectValid(components.schemas.Error, document);
});

test('the file describes the parameters of every operation', () => {
  for (const [method, where, { parameters = [] }] of described)
    expect(PARAMETERS[`${method} ${where}`] ?? []).toEqual(parameters.map(({ name }) => name));
});

async function statusWith(headers: OutgoingHttpHeaders): Promise<number | undefined> {
  const resetRequest = request(`${node.controlUrl}/reset`, { method: 'POST', headers }).end();
  const [answer]: IncomingMessage[] = await once(resetRequest, 'response');
  answer?.resume();
  return answer?.statusCode;
}

test.each<[string, (url: URL) => OutgoingHttpHeaders, number]>([
  ['a host name that is not loopback', () => ({ host: 'evil.example' }), 403],
  ['the origin of another site', () => ({ origin: 'https://evil.example' }), 403],
  ['an opaque origin', () => ({ origin: 'null' }), 403],
  ['another port as its origin', () => ({ origin: 'http://127.0.0.1:1' }), 403],
  ['a page of another site', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
  ['its own origin', ({ origin }) => ({ origin, 'sec-fetch-site': 'same-origin' }), 204],
  ['the address bar of a browser', () => ({ 'sec-fetch-site': 'none' }), 204],
])('the sender of a request with %s is checked', async (_, headers, status) => {
  expect(await statusWith(headers(new URL(node.controlUrl ?? '')))).toBe(status);
});

test.each([
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['', 415],
  ['application/json; charset=utf-8', 200],
  ['Application/YAML', 200],
])('a body with the content type %j is answered with %d', async (type, code) => {
  const { status, document } = await sendRequest('PUT', '/faults', '[]', type);
  expect(status).toBe(code);
  if (code === 415) expect(document.error).toMatch(/^the body has the Content-Type .*: send application\/json or/);
});
