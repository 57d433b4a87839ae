// Tests that configurations that are well-formed but break rules of the API are refused.
import { describe, expect, test } from '@jest/globals';
import type { UserNamespaceInit } from '../../../proto/types/runtime/v1/UserNamespace';
import { benchForEachTest } from '../testing/test-runtime';

const bench = benchForEachTest();
const image = { image: 'docker.io/library/busybox:latest' };

describe.each<[UserNamespaceInit, RegExp]>([
  [{ mode: 'CONTAINER' }, /user namespace mode: "CONTAINER"$/],
  [{ mode: 'TARGET' }, /user namespace mode: "TARGET"$/],
  [{ mode: 'POD', uids: [{ length: 1 }, { length: 1 }] }, /one mapping of user ids, not 2$/],
  [{ mode: 'POD', gids: [{ length: 1 }, { length: 1 }] }, /one mapping of group ids, not 2$/],
  [{ mode: 'POD', uids: [{ container_id: 1, host_id: 1000, length: 10 }] }, /must map the user id 0$/],
  [{ mode: 'POD', gids: [{ container_id: 1, host_id: 1000, length: 10 }] }, /must map the group id 0$/],
])('the user namespace %j', (userns_options, says) => {
  const linux = { security_context: { namespace_options: { userns_options } } };

  test('is refused for a sandbox', async () => {
    const config = { metadata: { name: 'a', namespace: 'b', uid: 'c' }, linux };
    const failure = await bench.client.failure('RunPodSandbox', { config });
    expect(failure).toMatch(/^3 INVALID_ARGUMENT: /);
    expect(failure).toMatch(says);
  });

  test('is refused for a container', async () => {
    const pod_sandbox_id = await bench.client.pod();
    const config = { metadata: { name: 'main' }, image, linux };
    expect(await bench.client.failure('CreateContainer', { pod_sandbox_id, config })).toMatch(says);
  });
});

const mapping = [{ container_id: 0, host_id: 1000, length: 65_536 }];

test.each([[{ mode: 'NODE' }], [{ mode: 'POD', uids: mapping, gids: mapping }]] as const)(
  'the user namespace %j is accepted',
  async (userns_options) => {
    const linux = { security_context: { namespace_options: { userns_options } } };
    await bench.client.created(await bench.client.pod('pod', { linux }), { linux });
  },
);

test.each([
  [{ readonly: false }, '3 INVALID_ARGUMENT: the mount at "/mnt" cannot be recursively read-only: it is not read-only'],
  [
    { readonly: true, propagation: 'PROPAGATION_HOST_TO_CONTAINER' },
    '3 INVALID_ARGUMENT: the mount at "/mnt" cannot be recursively read-only: its propagation is PROPAGATION_HOST_TO_CONTAINER',
  ],
  [
    { readonly: true, propagation: 'PROPAGATION_BIDIRECTIONAL' },
    '3 INVALID_ARGUMENT: the mount at "/mnt" cannot be recursively read-only: its propagation is PROPAGATION_BIDIRECTIONAL',
  ],
  [{ readonly: true }, 'OK'],
] as const)('a recursively read-only mount with %j is accepted or refused as the API requires', async (mount, says) => {
  const pod_sandbox_id = await bench.client.pod();
  const mounts = [{ container_path: '/mnt', host_path: bench.directory, recursive_read_only: true, ...mount }];
  const config = { metadata: { name: 'main' }, image, mounts };
  expect(await bench.client.failure('CreateContainer', { pod_sandbox_id, config })).toBe(says);
});
