// Reads recorded HTTP exchanges, and compares a response with a recorded response.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { FakeKubelet } from '../server';
import { type RecordedRequest, type RecordedResponse, send } from './raw-client';

export interface RecordedExchange {
  readonly id: string;
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

const TIME = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})/;
const RECORDED_SOCKET = '/run/containerd/containerd.sock';

export function recording(name: string): readonly RecordedExchange[] {
  const file: { readonly exchanges: readonly RecordedExchange[] } = JSON.parse(
    readFileSync(path.join(__dirname, '../testdata', name), 'utf8'),
  );
  return file.exchanges;
}

/** Expects the recorded response, except for paths and times. A Content-Length is compared only if it was recorded. */
export async function expectRecorded(
  kubelet: FakeKubelet,
  runtimeEndpoint: string,
  exchange: RecordedExchange,
): Promise<void> {
  const answer = await send(kubelet, exchange.request);
  const body = answer.body
    .replaceAll(kubelet.rootDirectory, '{ROOT}')
    .replace(TIME, '{TIME}')
    .replaceAll(runtimeEndpoint.slice('unix://'.length), RECORDED_SOCKET);
  const { 'Content-Length': length, ...headers } = answer.headers;
  const { 'Content-Length': recordedLength, ...others } = exchange.response.headers;
  const isExact = recordedLength !== undefined && body === answer.body;
  const { status } = exchange.response;
  expect({ status: answer.status, headers: isExact ? answer.headers : headers, body }).toEqual({
    status,
    headers: isExact ? exchange.response.headers : others,
    body: exchange.response.body,
  });
  if (answer.body !== '' && length !== undefined) expect(Number(length)).toBe(Buffer.byteLength(answer.body));
}
