// Determines the environment and the cgroup path of a container's processes.
import type { RuntimeSettings } from './settings';
import type { Container } from './store';

/**
 * Returns the variables of a container in the form `NAME=value`: those of the image, those of the runtime, HOSTNAME,
 * and those of the container, in this order. A later value replaces an earlier value.
 */
export function environment({ config, image, sandbox }: Container, settings: RuntimeSettings): string[] {
  const values = new Map<string, string>();
  for (const pair of [...image.environment, ...settings.environment]) {
    const equals = pair.indexOf('=');
    values.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  values.set('HOSTNAME', sandbox.config.hostname || settings.hostname);
  for (const { key, value } of config.envs) values.set(key, Buffer.from(value).toString());
  return [...values].map(([name, value]) => `${name}=${value}`);
}

/**
 * Returns the cgroup path of a container: a path below the pod's cgroup, or the runtime's default path if the pod has
 * no cgroup.
 */
export function cgroupPath({ id, sandbox }: Container, settings: RuntimeSettings): string {
  const parent = sandbox.config.linux?.cgroup_parent;
  if (!parent) return settings.defaultCgroup.replace('{id}', id);
  if (settings.cgroupDriver === 'SYSTEMD') return `${parent.slice(parent.lastIndexOf('/') + 1)}:cri-containerd:${id}`;
  return `${parent.replace(/\/$/, '')}/${id}`;
}
