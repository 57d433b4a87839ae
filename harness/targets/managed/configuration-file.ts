// What a real kubelet needs to be told beside what specs ask for, so that it runs alone, on any machine and any runtime.
import fs from 'node:fs';
import path from 'node:path';
import { type KubeletOptions, kubeletConfiguration } from '../pair/kubelet-options';

/** Seen to be enough on a machine without cluster, with cgroup v1, and with swap. */
const STANDALONE = {
  cgroupDriver: 'cgroupfs',
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  failCgroupV1: false,
  localStorageCapacityIsolation: false,
  makeIPTablesUtilChains: false,
  evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '0.1%', 'imagefs.available': '0.1%' },
  // At 100 nothing is removed: the images may be somebody's.
  imageGCHighThresholdPercent: 100,
  registerNode: false,
  // Several kubelets run side by side.
  healthzPort: 0,
  // So that an API server that only reads JSON understands its reviews.
  contentType: 'application/json',
};

/** The configuration file of a kubelet that is started as a process; JSON is YAML. */
export function kubeletFile(options: KubeletOptions, port: number): string {
  const configuration = {
    ...kubeletConfiguration(options, port),
    ...STANDALONE,
    volumePluginDir: path.join(options.directory, 'volume-plugins'),
    ...(fs.existsSync('/etc/resolv.conf') ? {} : { resolvConf: '' }),
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}
