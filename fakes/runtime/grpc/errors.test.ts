// Tests that every error message reaches the client: a very long message is shortened, and a malformed message is
// repaired.
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient } from '../testing/test-client';
import { StatusError } from './errors';

let message: string;
let runtime: RuntimeServer;
let client: TestClient;
beforeEach(async () => {
  const fail = async () => {
    throw new StatusError(status.UNKNOWN, message);
  };
  runtime = await startRuntimeServer({ cri: [fail] });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

test.each([
  ['of 60,000 letters', 'x'.repeat(60_000)],
  ['of 7,000 symbols', '☃'.repeat(7000)],
  ['with a character outside of the basic plane', 'a 😀 b'],
])('a message %s arrives as it is', async (_, text) => {
  message = text;
  expect(await client.failure('Version', {})).toBe(`2 UNKNOWN: ${text}`);
});

test.each([
  ['letters', 'x'],
  ['symbols', '☃'],
  ['spaces', ' '],
  ['characters outside of the basic plane', '😀'],
])('a message of a million %s arrives shortened', async (_, character) => {
  message = character.repeat(1_000_000);
  const said = await client.failure('Version', {});
  expect(said.startsWith(`2 UNKNOWN: ${character.repeat(1000)}`)).toBe(true);
  expect(said).toMatch(new RegExp(`\\.\\.\\. \\(shortened: the message has ${message.length} characters\\)$`));
  expect(encodeURI(said).length).toBeLessThan(66_000);
});

test('half of a character is replaced', async () => {
  message = 'a \ud83d b';
  expect(await client.failure('Version', {})).toBe('2 UNKNOWN: a \ufffd b');
});
