// Makes the configuration file of a kubelet process: what specs configure, and what a real kubelet needs to run without
// a cluster, on any machine and with any runtime.
import fs from 'node:fs';
import path from 'node:path';
import { type KubeletOptions, kubeletConfiguration } from '../pair/kubelet-options';

/** Settings for a kubelet without a cluster. They were verified on a machine with cgroup v1 and with swap. */
const STANDALONE = {
  cgroupDriver: 'cgroupfs',
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  failCgroupV1: false,
  localStorageCapacityIsolation: false,
  makeIPTablesUtilChains: false,
  evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '0.1%', 'imagefs.available': '0.1%' },
  // At 100, the kubelet does not remove images, which may belong to other users.
  imageGCHighThresholdPercent: 100,
  registerNode: false,
  // 0 disables the port, because several kubelets on one machine cannot listen on the same port.
  healthzPort: 0,
  // The fake API server reads reviews only as JSON, not as protobuf.
  contentType: 'application/json',
};

/**
 * Returns the content of the configuration file of a kubelet process. JSON is valid YAML.
 *
 * @param port port of the kubelet's endpoint
 */
export function kubeletFile(options: KubeletOptions, port: number): string {
  const configuration = {
    ...kubeletConfiguration(options, port),
    ...STANDALONE,
    volumePluginDir: path.join(options.directory, 'volume-plugins'),
    ...(fs.existsSync('/etc/resolv.conf') ? {} : { resolvConf: '' }),
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}
