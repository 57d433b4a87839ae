// Tests how security contexts in manifests are passed to the runtime.
import { describe, expect, test } from '@jest/globals';
import { containerConfig } from './container-config';
import { parseManifest } from './manifest';
import { sandboxConfig } from './sandbox-config';
import { criImageUser } from './security-context';

const CONTEXT = { nodeName: 'n', now: 0, source: 'file' } as const;
const FILES = { hosts: '/h', terminationLog: '/t' };
const ROOT = criImageUser(null);

function contextsFrom(ofPod: object, ofContainer: object, imageUser = ROOT) {
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

test("a container without a security context runs as its image's user, or as root", () => {
  const { container, sandbox } = contextsFrom({}, {});
  expect(container).toMatchObject({ privileged: false, run_as_user: {}, readonly_rootfs: false, no_new_privs: false });
  expect(container).not.toHaveProperty('capabilities');
  expect(sandbox).not.toHaveProperty('run_as_user');
  const named = criImageUser({ uid: null, username: 'www-data' });
  expect(contextsFrom({}, {}, named).container).toMatchObject({ run_as_username: 'www-data' });
  expect(contextsFrom({}, {}, named).container).not.toHaveProperty('run_as_user');
  const numbered = criImageUser({ uid: { value: '33' }, username: '' });
  expect(contextsFrom({}, {}, numbered).container).toMatchObject({ run_as_user: { value: '33' } });
});

test("a pod's user and groups apply to its containers and its sandbox", () => {
  const context = { runAsUser: 1000, runAsGroup: 2000, fsGroup: 10, supplementalGroups: [20, 30] };
  const expected = {
    run_as_user: { value: '1000' },
    run_as_group: { value: '2000' },
    supplemental_groups: ['10', '20', '30'],
  };
  const { container, sandbox } = contextsFrom(context, {}, criImageUser({ uid: null, username: 'www-data' }));
  expect(container).toMatchObject(expected);
  expect(container).not.toHaveProperty('run_as_username');
  expect(sandbox).toMatchObject(expected);
});

test("a container's security context takes precedence over its pod's", () => {
  const { container, sandbox } = contextsFrom({ runAsUser: 1000, runAsGroup: 2000 }, { runAsUser: 0 });
  expect(container).toMatchObject({ run_as_user: { value: '0' }, run_as_group: { value: '2000' } });
  expect(sandbox).toMatchObject({ run_as_user: { value: '1000' } });
});

test('privileges are passed to the runtime', () => {
  const { container } = contextsFrom(
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

describe('the list of masked paths', () => {
  test('is also sent for privileged containers, because the runtime decides to ignore it', () => {
    const { container, sandbox } = contextsFrom({}, { privileged: true });
    expect(container.masked_paths).toContain('/proc/keys');
    expect(container.readonly_paths).toContain('/proc/sys');
    expect([container.privileged, sandbox.privileged]).toEqual([true, true]);
  });

  test('is empty if the manifest unmasks them', () => {
    const { container } = contextsFrom({}, { procMount: 'Unmasked' });
    expect([container.masked_paths, container.readonly_paths]).toEqual([[], []]);
  });
});

test('an invalid security context is refused with file and line', () => {
  expect(() => contextsFrom({ runAsUser: '1000' }, {})).toThrow(
    /\/m\/p\.yaml:1: spec\.securityContext\.runAsUser must be a/,
  );
  expect(() => contextsFrom({}, { privileged: 'yes' })).toThrow(
    /containers\[0\]\.securityContext\.privileged must be true or f/,
  );
});
