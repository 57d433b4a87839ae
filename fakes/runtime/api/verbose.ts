// Makes the `info` of verbose status calls: JSON in the form that crictl and test suites read.

import { inRecordedForm } from '../grpc/recorded-form';
import { cgroupPath } from '../state/environment';
import { PAUSE_IMAGE } from '../state/images';
import { commandLine } from '../state/lifecycle';
import type { RuntimeSettings } from '../state/settings';
import type { Container, Sandbox } from '../state/store';

const OCI_VERSION = '1.2.1';

/** Returns the `info` of a response. It is empty unless the client requested a verbose status. */
export const verboseInfo = (verbose: boolean, make: () => object): Record<string, string> =>
  verbose ? { info: JSON.stringify(make()) } : {};

function podAnnotations({ id, config }: Sandbox): Record<string, string> {
  return {
    'io.kubernetes.cri.sandbox-id': id,
    'io.kubernetes.cri.sandbox-name': config.metadata?.name ?? '',
    'io.kubernetes.cri.sandbox-namespace': config.metadata?.namespace ?? '',
    'io.kubernetes.cri.sandbox-uid': config.metadata?.uid ?? '',
  };
}

export function sandboxInfo(sandbox: Sandbox, settings: RuntimeSettings): object {
  return {
    pid: sandbox.phase === 'ready' ? sandbox.pid : 0,
    processStatus: sandbox.phase === 'ready' ? 'running' : 'deleted',
    netNamespaceClosed: sandbox.phase !== 'ready',
    image: PAUSE_IMAGE,
    runtimeHandler: sandbox.runtimeHandler,
    runtimeType: settings.ociRuntime,
    config: inRecordedForm(sandbox.config),
    ...(sandbox.resources && { resources: inRecordedForm(sandbox.resources) }),
    runtimeSpec: {
      ociVersion: OCI_VERSION,
      process: { args: ['/pause'], cwd: '/' },
      annotations: { 'io.kubernetes.cri.container-type': 'sandbox', ...podAnnotations(sandbox) },
    },
  };
}

export function containerInfo(container: Container, settings: RuntimeSettings): object {
  const { config, sandbox, image, notSimulated } = container;
  return {
    ...(notSimulated !== undefined && { simulated: false, notSimulated }),
    sandboxID: sandbox.id,
    pid: container.phase === 'running' || container.phase === 'frozen' ? container.pid : 0,
    removing: false,
    runtimeType: settings.ociRuntime,
    config: inRecordedForm(config),
    runtimeSpec: {
      ociVersion: OCI_VERSION,
      process: {
        args: commandLine(container),
        env: container.machine.environment,
        cwd: container.machine.workingDirectory,
      },
      root: { path: 'rootfs', readonly: config.linux?.security_context?.readonly_rootfs ?? false },
      linux: { cgroupsPath: cgroupPath(container, settings) },
      annotations: {
        'io.kubernetes.cri.container-name': config.metadata?.name ?? '',
        'io.kubernetes.cri.container-type': 'container',
        'io.kubernetes.cri.image-name': image.repoTags[0] ?? image.id,
        ...podAnnotations(sandbox),
      },
    },
  };
}
