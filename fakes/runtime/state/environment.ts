// What the processes of a container see of themselves: environment, directory, cgroup.
import type { RuntimeSettings } from './settings';
import type { Container } from './store';

/** `NAME=value` in order: the image's, the runtime's, HOSTNAME, the container's; a later one takes the place of an earlier. */
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

/** Below the pod's cgroup, or where the runtime puts containers that have none. */
export function cgroupPath({ id, sandbox }: Container, settings: RuntimeSettings): string {
  const parent = sandbox.config.linux?.cgroup_parent;
  if (!parent) return settings.cgroupOfItsOwn.replace('{id}', id);
  if (settings.cgroupDriver === 'SYSTEMD') return `${parent.slice(parent.lastIndexOf('/') + 1)}:cri-containerd:${id}`;
  return `${parent.replace(/\/$/, '')}/${id}`;
}
