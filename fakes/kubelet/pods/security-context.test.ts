// Security contexts: what a kubelet tells a runtime of those in a manifest.
import { describe, expect, test } from '@jest/globals';
import { containerConfig } from './container-config';
import { parseManifest } from './manifest';
import { sandboxConfig } from './sandbox-config';
import { criImageUser } from './security-context';

const CONTEXT = { nodeName: 'n', now: 0, source: 'file' } as const;
const FILES = { hosts: '/h', terminationLog: '/t' };
const ROOT = criImageUser(null);

function told(ofPod: object, ofContainer: object, imageUser = ROOT) {
  const container = { name: 'a', image: 'x:1', securityContext: ofContainer };
  const manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { securityContext: ofPod, containers: [container] },
  };
  const [pod] = parseManifest('/m/p.yaml', JSON.stringify(manifest), CONTEXT);
  const [spec] = pod?.spec.containers ?? [];
  if (!pod || !spec) throw new Error('the manifest has no container');
  const config = containerConfig(pod, spec, { imageId: 'i', imageUser, attempt: 0, files: FILES });
  return {
    container: config.linux?.security_context ?? {},
    sandbox: sandboxConfig(pod, '/logs', 0).linux?.security_context ?? {},
  };
}

test('a container that says nothing is what its image wants, or root', () => {
  const { container, sandbox } = told({}, {});
  expect(container).toMatchObject({ privileged: false, run_as_user: {}, readonly_rootfs: false, no_new_privs: false });
  expect(container).not.toHaveProperty('capabilities');
  expect(sandbox).not.toHaveProperty('run_as_user');
  const named = criImageUser({ uid: null, username: 'www-data' });
  expect(told({}, {}, named).container).toMatchObject({ run_as_username: 'www-data' });
  expect(told({}, {}, named).container).not.toHaveProperty('run_as_user');
  const numbered = criImageUser({ uid: { value: '33' }, username: '' });
  expect(told({}, {}, numbered).container).toMatchObject({ run_as_user: { value: '33' } });
});

test("the pod's user and groups are its containers' and its sandbox's", () => {
  const context = { runAsUser: 1000, runAsGroup: 2000, fsGroup: 10, supplementalGroups: [20, 30] };
  const expected = {
    run_as_user: { value: '1000' },
    run_as_group: { value: '2000' },
    supplemental_groups: ['10', '20', '30'],
  };
  const { container, sandbox } = told(context, {}, criImageUser({ uid: null, username: 'www-data' }));
  expect(container).toMatchObject(expected);
  expect(container).not.toHaveProperty('run_as_username');
  expect(sandbox).toMatchObject(expected);
});

test("a container's own context goes before its pod's", () => {
  const { container, sandbox } = told({ runAsUser: 1000, runAsGroup: 2000 }, { runAsUser: 0 });
  expect(container).toMatchObject({ run_as_user: { value: '0' }, run_as_group: { value: '2000' } });
  expect(sandbox).toMatchObject({ run_as_user: { value: '1000' } });
});

test('rights are passed on', () => {
  const { container } = told(
    {},
    {
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    },
  );
  expect(container).toMatchObject({
    capabilities: { add_capabilities: ['NET_ADMIN'], drop_capabilities: ['ALL'] },
    readonly_rootfs: true,
    no_new_privs: true,
  });
});

describe('the paths that are hidden by default', () => {
  test('are named for a privileged container too: to hide nothing from it is up to the runtime', () => {
    const { container, sandbox } = told({}, { privileged: true });
    expect(container.masked_paths).toContain('/proc/keys');
    expect(container.readonly_paths).toContain('/proc/sys');
    expect([container.privileged, sandbox.privileged]).toEqual([true, true]);
  });

  test('are none where the manifest unmasks them', () => {
    const { container } = told({}, { procMount: 'Unmasked' });
    expect([container.masked_paths, container.readonly_paths]).toEqual([[], []]);
  });
});

test('what is no such context is refused with its place', () => {
  expect(() => told({ runAsUser: '1000' }, {})).toThrow(/\/m\/p\.yaml:1: spec\.securityContext\.runAsUser must be a/);
  expect(() => told({}, { privileged: 'yes' })).toThrow(
    /containers\[0\]\.securityContext\.privileged must be true or f/,
  );
});
