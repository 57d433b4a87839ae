// What config.dump and spec.dump say of the container, whichever runtime wrote them.
import type { Contents } from './contents';
import { printable } from './findings';
import type { Engine, InspectedMount, Inspection } from './inspection';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MOST) : []);
const string = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? printable(value) : undefined;

/** Mounts, variables and the like are listed up to this many. */
export const MOST = 1_000;
/** Go's zero time: a field that was never set. */
const NEVER = '0001-01-01T00:00:00Z';

/** A name of a variable as people write them: what is anything else is not shown, it may be a part of a value. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/** Names of variables, without what they hold. */
export function variableNames(variables: Iterable<unknown>): string[] {
  const names: string[] = [];
  for (const variable of variables) {
    if (names.length >= MOST) break;
    // Without the sign all of it would be a value.
    const [, name = ''] = (typeof variable === 'string' && /^([^=]*)=/.exec(variable)) || [];
    names.push(VARIABLE_NAME.test(name) ? name : '(not a name)');
  }
  return names;
}

function engineOf(annotations: Json, contents: Contents): Engine {
  const manager = annotations['io.container.manager'];
  if (manager === 'cri-o') return 'cri-o';
  if (manager === 'libpod') return 'podman';
  const isContainerd = contents.entry('status.dump') || 'io.kubernetes.cri.container-name' in annotations;
  return isContainerd ? 'containerd' : 'unknown';
}

function mountsOf(spec: Json): InspectedMount[] {
  return list(spec['mounts'])
    .map(object)
    .map(({ destination, type, source, options }) => ({
      destination: string(destination) ?? '',
      type: string(type) ?? '',
      source: string(source) ?? '',
      options: list(options).flatMap((option) => string(option) ?? []),
    }));
}

/** The members of an object that have a value. */
function known<T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}

async function read(contents: Contents, name: string, keys: readonly string[]): Promise<Json> {
  const value = await contents.json(name);
  if (value === undefined) return {};
  if (!isObject(value)) contents.findings.add('json/unreadable', 'it is not a JSON object', name);
  for (const key of keys)
    if (isObject(value) && !(key in value)) contents.findings.add('json/unreadable', `it has no ${key}`, name);
  return object(value);
}

export type Metadata = Pick<Inspection, 'engine' | 'container' | 'environmentNames' | 'mounts'>;

export async function readMetadata(contents: Contents): Promise<Metadata> {
  const config = await read(contents, 'config.dump', ['id', 'name']);
  const spec = await read(contents, 'spec.dump', ['process', 'root', 'linux']);
  const annotations = object(spec['annotations']);
  const engine = engineOf(annotations, contents);
  if (engine === 'containerd')
    for (const name of ['status.dump', 'status'])
      if (!contents.entry(name)) contents.findings.add('entry/missing', 'containerd restores nothing without it', name);
  const annotation = (...names: string[]) => names.map((name) => string(annotations[name])).find(Boolean);
  const time = (key: string) => (config[key] === NEVER ? undefined : string(config[key]));
  return {
    engine,
    container: known({
      id: string(config['id']),
      name: annotation('io.kubernetes.cri.container-name', 'io.kubernetes.container.name') ?? string(config['name']),
      podName: annotation('io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'),
      podNamespace: annotation('io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'),
      podUid: annotation('io.kubernetes.cri.sandbox-uid', 'io.kubernetes.pod.uid'),
      runtime: string(config['runtime']),
      image: string(config['rootfsImageName']) ?? string(config['rootfsImage']),
      imageRef: string(config['rootfsImageRef']),
      createdAt: time('createdTime'),
      checkpointedAt: time('checkpointedTime'),
      restoredAt: time('restoredTime'),
    }),
    environmentNames: variableNames(list(object(spec['process'])['env'])),
    mounts: mountsOf(spec),
  };
}
