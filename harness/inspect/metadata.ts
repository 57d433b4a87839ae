// Reads the description of the container in config.dump and spec.dump, in the form of each runtime.
import type { Contents } from './contents';
import { printable } from './findings';
import type { Engine, InspectedMount, Inspection } from './inspection';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value: unknown): Json => (isObject(value) ? value : {});
/** Returns at most MAX_ITEMS items of a JSON list; an empty list if the value is not a list. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : []);
const string = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? printable(value) : undefined;

/** Maximum number of mounts, variables and other items in a list. */
export const MAX_ITEMS = 1_000;
/** Go's zero time, which marks a field that was never set. */
const NEVER = '0001-01-01T00:00:00Z';

/** Matches the usual names of variables. Other names are not shown, because they may be parts of values. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Returns the names of variables, without their values.
 *
 * @param variables strings of the form NAME=value
 */
export function variableNames(variables: Iterable<unknown>): string[] {
  const names: string[] = [];
  for (const variable of variables) {
    if (names.length >= MAX_ITEMS) break;
    // Without an equals sign, the whole text may be a value.
    const [, name = ''] = (typeof variable === 'string' && /^([^=]*)=/.exec(variable)) || [];
    names.push(VARIABLE_NAME.test(name) ? name : '(not a name)');
  }
  return names;
}

function engineOf(annotations: Json, contents: Contents): Engine {
  const manager = annotations['io.container.manager'];
  if (manager === 'cri-o') return 'cri-o';
  if (manager === 'libpod') return 'podman';
  const isContainerd = contents.member('status.dump') || 'io.kubernetes.cri.container-name' in annotations;
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

/** Returns an object without the members that are undefined. */
export function known<T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The required types of members. Members may be absent. */
type Shape = Readonly<Record<string, 'string' | 'object' | 'list'>>;

function isOf(kind: Shape[string], value: unknown): boolean {
  if (kind === 'object') return isObject(value);
  return kind === 'list' ? Array.isArray(value) : typeof value === kind;
}

/** Returns the object in a member. Adds findings if keys are missing or a value does not have the required type. */
async function read(contents: Contents, name: string, keys: readonly string[], shape: Shape): Promise<Json> {
  const value = await contents.json(name, 'quiet');
  const find = (problem: string) => contents.findings.add('inspect/unreadable-metadata', `${name}: ${problem}`, name);
  // If the value is not an object, there is already a finding about that.
  if (!isObject(value)) return {};
  for (const key of keys) if (!(key in value)) find(`it has no ${key}`);
  // Go writes null for lists and objects that are not set.
  for (const [key, kind] of Object.entries(shape))
    if ((value[key] ?? undefined) !== undefined && !isOf(kind, value[key])) find(`its ${key} is not a ${kind}`);
  return value;
}

const CONFIG: Shape = {
  id: 'string',
  name: 'string',
  rootfsImage: 'string',
  rootfsImageRef: 'string',
  rootfsImageName: 'string',
  runtime: 'string',
  createdTime: 'string',
  checkpointedTime: 'string',
  restoredTime: 'string',
};
const SPEC: Shape = { process: 'object', root: 'object', linux: 'object', mounts: 'list', annotations: 'object' };

/** Metadata that `inspect` does not show but that runtimes need for a restore. */
const OTHERS: Readonly<Record<string, 'object' | 'list'>> = {
  'status.dump': 'object',
  status: 'object',
  'bind.mounts': 'list',
  'deleted.files': 'list',
  'network.status': 'object',
};

async function checkOthers(contents: Contents): Promise<void> {
  for (const [name, kind] of Object.entries(OTHERS)) {
    const value = await contents.json(name);
    if ((value ?? undefined) !== undefined && !isOf(kind, value))
      contents.findings.add('inspect/unreadable-metadata', `${name}: it is not a JSON ${kind}`, name);
  }
}

export type ArchiveMetadata = Pick<Inspection, 'engine' | 'container' | 'environmentNames' | 'mounts'>;

export async function readArchiveMetadata(contents: Contents): Promise<ArchiveMetadata> {
  const config = await read(contents, 'config.dump', ['id', 'name'], CONFIG);
  const spec = await read(contents, 'spec.dump', ['process', 'root', 'linux'], SPEC);
  await checkOthers(contents);
  const annotations = object(spec['annotations']);
  const engine = engineOf(annotations, contents);
  if (engine === 'containerd')
    for (const name of ['status.dump', 'status'])
      if (!contents.member(name))
        contents.findings.add(
          'inspect/missing-member',
          `${name} is not in the archive, and containerd does not restore without it`,
          name,
        );
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
