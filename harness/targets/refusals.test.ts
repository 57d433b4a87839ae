// Tests that a runtime that does not support restore is distinguished from a runtime that fails to restore.
import { describe, expect, test } from '@jest/globals';
import { restoreRefusalOf } from './refusals';

const ARCHIVE = '/tmp/ckptest-x/probe.tar';
const of = (code: string, message: string) => restoreRefusalOf({ code, message }, ARCHIVE);

describe('does not support restore', () => {
  test.each([
    ['NOT_FOUND', `failed to resolve image "${ARCHIVE}": not found`, /used as the name of an image/],
    [
      'NOT_FOUND',
      `failed to check if this is a checkpoint image: failed to resolve image "${ARCHIVE}": not found`,
      /used as the name of an image/,
    ],
    ['UNKNOWN', `cannot parse input: "${ARCHIVE}": invalid reference format`, /used as the name of an image/],
    ['UNKNOWN', 'checkpoint restore is not enabled: set enable_criu', /disabled/],
    ['UNKNOWN', 'checkpoint restore via CreateContainer is disabled by configuration', /the default/],
    ['UNKNOWN', 'user specified image not specified, cannot verify image signature', /signature policy/],
    [
      'UNKNOWN',
      'failed to pull checkpoint base image sha256:12: failed to resolve reference "sha256:12": parse "dummy://sha256:12"',
      /from a registry/,
    ],
  ])('%s with the message %s', (code, message, means) => {
    expect(of(code, message)).toMatch(means);
    expect(of(code, message)).toContain(`${code}: ${message}`);
  });
});

test.each([
  ['UNKNOWN', 'unpacking of checkpoint archive /tmp/checkpoint1 failed: unexpected EOF'],
  ['NOT_FOUND', 'failed to resolve image "docker.io/library/busybox:latest": not found'],
  ['INTERNAL', `failed to resolve image "${ARCHIVE}": not found`],
  ['UNKNOWN', `cannot restore from ${ARCHIVE}`],
])('%s with the message %s is a failure, not a refusal', (code, message) => {
  expect(of(code, message)).toBeUndefined();
});
