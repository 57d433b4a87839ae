// Tests the error texts of grpc-go.
import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { codeName, toCriError } from './errors';

const UNIX = { network: 'unix', address: '/run/x.sock' } as const;
const dial = (error: string) =>
  `No connection established. Last error: Error: connect ${error} /run/x.sock. Resolution note: `;

test.each([
  [status.OK, 'OK'],
  [status.CANCELLED, 'Canceled'],
  [status.DEADLINE_EXCEEDED, 'DeadlineExceeded'],
  [status.UNIMPLEMENTED, 'Unimplemented'],
  [status.DATA_LOSS, 'DataLoss'],
  [77, 'Code(77)'],
])('the status code %d has the name that Go uses', (code, name) => {
  expect(codeName(code)).toBe(name);
});

const DIAL = 'connection error: desc = "transport: Error while dialing: dial unix /run/x.sock: connect: ';

test.each([
  [status.UNAVAILABLE, dial('ENOENT'), `Unavailable desc = ${DIAL}no such file or directory"`],
  [status.UNAVAILABLE, dial('ECONNREFUSED'), `Unavailable desc = ${DIAL}connection refused"`],
  [status.UNAVAILABLE, dial('EACCES'), `Unavailable desc = ${DIAL}permission denied"`],
  [status.UNAVAILABLE, 'Connection dropped', 'Unavailable desc = error reading from server: EOF'],
  [
    status.RESOURCE_EXHAUSTED,
    'Received message larger than max (20000000 vs 16777216)',
    'ResourceExhausted desc = grpc: received message larger than max (20000000 vs. 16777216)',
  ],
  [status.UNAVAILABLE, 'the daemon is busy', 'Unavailable desc = the daemon is busy'],
  [status.UNKNOWN, 'x = "y"', 'Unknown desc = x = "y"'],
])('the status %d with the message %s becomes the error of grpc-go', (code, details, text) => {
  expect(toCriError({ code, details }, UNIX).message).toBe(`rpc error: code = ${text}`);
});
