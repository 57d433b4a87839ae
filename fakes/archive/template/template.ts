// Makes archives from a recorded archive: images and memory stay the same, and the identity of the container is
// replaced.
import fs from 'node:fs';
import { UserError } from '../../base/user-error';
import { goJson, goMap } from '../../go/json';
import { rfc3339Nano } from '../../go/time';
import { ArchiveError } from '../archive-error';
import { containerStoreName } from '../crio/crio-metadata';
import { rewriteImage } from '../criu/rewritten-image';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { FileSource } from '../tar/byte-source';
import { type IndexedMember, indexTar } from '../tar/tar-index';

/** A recorded archive from which new archives are made. */
export interface Template {
  /** Path of the recorded archive. */
  readonly file: string;
  readonly members: readonly IndexedMember[];
  readonly engine: 'containerd' | 'cri-o';
  readonly identity: Identity;
  /**
   * Contents that are kept in memory, by member name. All other contents are read from the recorded archive whenever an
   * archive is written.
   */
  readonly contents: ReadonlyMap<string, Buffer>;
}

/** The ids and names of a container and its pod. */
interface Identity {
  readonly containerId: string;
  readonly sandboxId: string;
  readonly podUid: string;
  readonly containerName: string;
  readonly podName: string;
  readonly podNamespace: string;
}

const CONTAINERD = 'io.kubernetes.cri.';
const CRIO = 'io.kubernetes.cri-o.';
const KUBERNETES = 'io.kubernetes.';
/** Maximum size of a member that is kept in memory, bytes. */
const MAX_KEPT = 1024 * 1024;
const CHUNK = 1024 * 1024;
/** Matches members that contain memory or compressed data, in which texts cannot be replaced. */
const OPAQUE = /^checkpoint\/pages-|\.gz\.img$|^rootfs-diff\.tar$/;
const isKept = ({ name, type, size }: IndexedMember) => type === 'file' && !OPAQUE.test(name) && size <= MAX_KEPT;
const GIVE_ANOTHER = 'give an archive that containerd or CRI-O wrote';

function* piecesOf(file: string, { offset, size }: IndexedMember): Generator<Buffer> {
  const handle = fs.openSync(file, 'r');
  try {
    for (let at = 0; at < size; at += CHUNK) {
      const piece = Buffer.alloc(Math.min(CHUNK, size - at));
      if (fs.readSync(handle, piece, 0, piece.length, offset + at) < piece.length)
        throw new UserError(`${file}: it became shorter while it was in use; do not change a template`);
      yield piece;
    }
  } finally {
    fs.closeSync(handle);
  }
}

function textMembers(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function identityIn(config: unknown, annotations: Readonly<Record<string, string>>, isCrio: boolean): Identity {
  const annotation = (ofCrio: string, ofContainerd: string) => annotations[isCrio ? ofCrio : ofContainerd] ?? '';
  return {
    containerId: textMembers(config)['id'] ?? '',
    sandboxId: annotation(`${CRIO}SandboxID`, `${CONTAINERD}sandbox-id`),
    podUid: annotation(`${KUBERNETES}pod.uid`, `${CONTAINERD}sandbox-uid`),
    containerName: annotation(`${KUBERNETES}container.name`, `${CONTAINERD}container-name`),
    podName: annotation(`${KUBERNETES}pod.name`, `${CONTAINERD}sandbox-name`),
    podNamespace: annotation(`${KUBERNETES}pod.namespace`, `${CONTAINERD}sandbox-namespace`),
  };
}

async function templateIn(file: string, refuse: (reason: string) => UserError): Promise<Template> {
  await using source = await FileSource.open(file);
  const members = await indexTar(source);
  const other = members.find(({ type }) => type === 'other');
  if (other) throw refuse(`its member ${other.name} is neither a file nor a directory; ${GIVE_ANOTHER}`);
  const contents = new Map<string, Buffer>();
  for (const one of members.filter(isKept)) contents.set(one.name, await source.read(one.offset, one.size));
  const parsed = (name: string): Record<string, unknown> => {
    const content = contents.get(name);
    if (!content) throw refuse(`it has no ${name}; ${GIVE_ANOTHER}`);
    const value: unknown = JSON.parse(content.toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  };
  const config = parsed('config.dump');
  const annotations = textMembers(parsed('spec.dump')['annotations']);
  const isCrio = annotations['io.container.manager'] === 'cri-o';
  const identity = identityIn(config, annotations, isCrio);
  if (identity.containerId === '' || identity.sandboxId === '')
    throw refuse(`it does not name a container and its sandbox; ${GIVE_ANOTHER}`);
  return { file, members, engine: isCrio ? 'cri-o' : 'containerd', identity, contents };
}

/**
 * Reads a recorded archive.
 *
 * @param file path of an archive that containerd or CRI-O wrote
 * @throws UserError if the file cannot be read or was not written by containerd or CRI-O
 */
export async function readTemplate(file: string): Promise<Template> {
  const refuse = (reason: string) => new UserError(`--archive-template ${file}: ${reason}`);
  try {
    return await templateIn(file, refuse);
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(`its metadata is not JSON; ${GIVE_ANOTHER}`);
    if (!(error instanceof ArchiveError)) throw error;
    if (error.kind === 'cut') throw refuse(`it is truncated, or it is not a tar; ${GIVE_ANOTHER}`);
    if (error.kind === 'not-a-tar') throw refuse(`it is not a tar; ${GIVE_ANOTHER}`);
    throw refuse(`it cannot be read (${error.message}); name an archive that exists`);
  }
}

/** Returns the new values of keys as JSON, by member and key. */
function rewritten(snapshot: ContainerSnapshot, { engine }: Template): Record<string, Record<string, string>> {
  const { containerName, podName, podNamespace, podUid, attempt, podAttempt = 0 } = snapshot;
  const text = (value: string) => goJson(value);
  const kubernetes = {
    [`${KUBERNETES}container.name`]: text(containerName),
    [`${KUBERNETES}pod.name`]: text(podName),
    [`${KUBERNETES}pod.namespace`]: text(podNamespace),
    [`${KUBERNETES}pod.uid`]: text(podUid),
  };
  const storeName =
    engine === 'cri-o'
      ? containerStoreName(snapshot)
      : [containerName, podName, podNamespace, podUid, attempt].join('_');
  return {
    'config.dump': {
      name: text(storeName),
      createdTime: text(rfc3339Nano(snapshot.createdAt)),
      checkpointedTime: text(rfc3339Nano(snapshot.checkpointedAt)),
    },
    'spec.dump': {
      ...kubernetes,
      [`${CONTAINERD}container-name`]: text(containerName),
      [`${CONTAINERD}sandbox-name`]: text(podName),
      [`${CONTAINERD}sandbox-namespace`]: text(podNamespace),
      [`${CRIO}Name`]: text(storeName),
      [`${CRIO}SandboxName`]: text(['k8s', podName, podNamespace, podUid, podAttempt].join('_')),
      [`${CRIO}Created`]: text(rfc3339Nano(snapshot.createdAt)),
      [`${CRIO}LogPath`]: text(snapshot.logPath),
      [`${CRIO}Metadata`]: text(goJson({ name: containerName, attempt: attempt || undefined })),
      [`${CRIO}Labels`]: text(goJson(goMap(snapshot.labels) ?? null)),
    },
    'status.dump': {
      ...kubernetes,
      name: text(containerName),
      log_path: text(snapshot.logPath),
      created_at: snapshot.createdAt,
      started_at: snapshot.startedAt,
    },
    status: { CreatedAt: snapshot.createdAt, StartedAt: snapshot.startedAt },
  };
}

/** Replaces the values of keys in JSON text without changing order, white space and large numbers. */
function withValues(json: string, values: Readonly<Record<string, string>>): string {
  return json.replace(/("((?:[^"\\]|\\.)*)"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d+)/g, (all, head: string, key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    return value === undefined ? all : head + value;
  });
}

/** Returns the texts to replace. Longer texts come first, because they may contain shorter ones. */
function replacements({ identity }: Template, snapshot: ContainerSnapshot): (readonly [from: string, to: string])[] {
  const logs = ({ podNamespace, podName, podUid, containerName }: Identity) =>
    `/${podNamespace}_${podName}_${podUid}/${containerName}/`;
  const files = ({ podUid, containerName }: Identity) => `/pods/${podUid}/containers/${containerName}/`;
  return [
    ...[logs, files].map((path) => [path(identity), path(snapshot)] as const),
    ...(['containerId', 'sandboxId', 'podUid'] as const).map((key) => [identity[key], snapshot[key]] as const),
  ].filter(([from]) => from !== '');
}

/**
 * Makes the entries of an archive from a template.
 *
 * @param snapshot the container whose ids, names and times replace the recorded ones
 * @returns the entries of the recorded archive, in its order
 */
export function templateEntries(template: Template, snapshot: ContainerSnapshot): ArchiveEntry[] {
  const { file, contents } = template;
  const pairs = replacements(template, snapshot);
  const replaced = (text: string) => pairs.reduce((done, [from, to]) => done.replaceAll(from, to), text);
  const values = rewritten(snapshot, template);
  return template.members.map((member) => {
    const { name, mode, size } = member;
    if (name.endsWith('/')) return { name, mode, size: 0 };
    const bytes = contents.get(name);
    if (!bytes) return { name, mode, size, content: () => piecesOf(file, member) };
    const content = name.endsWith('.img')
      ? rewriteImage(bytes, replaced)
      : Buffer.from(replaced(withValues(bytes.toString('utf8'), values[name] ?? {})));
    return { name, mode, size: content.length, content };
  });
}
