// Archives made from a recorded one: its images and memory as they are, its identity rewritten.
import fs from 'node:fs';
import { errorCode } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { goJson, goMap } from '../../go/json';
import { rfc3339Nano } from '../../go/time';
import { containerStoreName } from '../crio/crio-metadata';
import { rewriteImage } from '../criu/rewritten-image';
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot } from '../snapshot';
import { type IndexedMember, TemplateError, tarMembers } from '../template-index';

/** A recorded archive, ready to be used again and again. */
export interface Template {
  readonly file: string;
  readonly members: readonly IndexedMember[];
  readonly engine: 'containerd' | 'cri-o';
  readonly identity: Identity;
  /** Contents of the members that are not read while they are written. */
  readonly contents: ReadonlyMap<string, Buffer>;
}

/** What names a container and its pod. */
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
/** Larger members are read while they are written; bytes. */
const AT_ONCE = 1024 * 1024;
const CHUNK = 1024 * 1024;
/** Members whose bytes are memory, or compressed. */
const OPAQUE = /^checkpoint\/pages-|\.gz\.img$|^rootfs-diff\.tar$/;
const isStreamed = ({ name, size }: IndexedMember) => name.endsWith('/') || OPAQUE.test(name) || size > AT_ONCE;

function bytesOf(file: string, { offset, size }: IndexedMember): Buffer {
  const handle = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(size);
    if (fs.readSync(handle, bytes, 0, size, offset) < size) throw new UserError(`${file}: it was cut while in use`);
    return bytes;
  } finally {
    fs.closeSync(handle);
  }
}

function* piecesOf(file: string, member: IndexedMember): Generator<Buffer> {
  for (let at = 0; at < member.size; at += CHUNK)
    yield bytesOf(file, { ...member, offset: member.offset + at, size: Math.min(CHUNK, member.size - at) });
}

function textMembers(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

/** Throws a UserError where the file is not an archive of containerd or CRI-O. */
export function readTemplate(file: string): Template {
  const refuse = (reason: string) => new UserError(`--archive-template ${file}: ${reason}`);
  try {
    const members = tarMembers(file);
    const parsed = (name: string): Record<string, unknown> => {
      const member = members.find((one) => one.name === name);
      if (!member) throw refuse(`it has no ${name}; give an archive that containerd or CRI-O wrote`);
      const value: unknown = JSON.parse(bytesOf(file, member).toString());
      return typeof value === 'object' && value !== null ? { ...value } : {};
    };
    const { id = '' } = textMembers(parsed('config.dump'));
    const annotations = textMembers(parsed('spec.dump')['annotations']);
    const isCrio = annotations['io.container.manager'] === 'cri-o';
    const annotation = (ofCrio: string, ofContainerd: string) => annotations[isCrio ? ofCrio : ofContainerd] ?? '';
    const identity = {
      containerId: id,
      sandboxId: annotation(`${CRIO}SandboxID`, `${CONTAINERD}sandbox-id`),
      podUid: annotation(`${KUBERNETES}pod.uid`, `${CONTAINERD}sandbox-uid`),
      containerName: annotation(`${KUBERNETES}container.name`, `${CONTAINERD}container-name`),
      podName: annotation(`${KUBERNETES}pod.name`, `${CONTAINERD}sandbox-name`),
      podNamespace: annotation(`${KUBERNETES}pod.namespace`, `${CONTAINERD}sandbox-namespace`),
    };
    if (id === '' || identity.sandboxId === '')
      throw refuse('it names no container or sandbox; give an archive that containerd or CRI-O wrote');
    const contents = new Map(
      members.filter((one) => !isStreamed(one)).map((one) => [one.name, bytesOf(file, one)] as const),
    );
    return { file, members, engine: isCrio ? 'cri-o' : 'containerd', identity, contents };
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof SyntaxError) throw refuse('its metadata is not JSON');
    if (error instanceof TemplateError) throw refuse(error.message);
    throw refuse(
      `it cannot be read (${errorCode(error) ?? 'for a reason that is not known'}); name an archive that is there`,
    );
  }
}

/** By member: values of keys that hold text, and of keys that hold numbers. */
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

/** Gives keys that are there another value, in place: order, white space and large numbers stay as they are. */
function withValues(json: string, values: Readonly<Record<string, string>>): string {
  return json.replace(/("((?:[^"\\]|\\.)*)"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d+)/g, (all, head: string, key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    return value === undefined ? all : head + value;
  });
}

/** What stood for the recorded container, and what stands for this one; whatever holds another comes before it. */
function exchanges({ identity }: Template, snapshot: ContainerSnapshot): (readonly [from: string, to: string])[] {
  const logs = ({ podNamespace, podName, podUid, containerName }: Identity) =>
    `/${podNamespace}_${podName}_${podUid}/${containerName}/`;
  const files = ({ podUid, containerName }: Identity) => `/pods/${podUid}/containers/${containerName}/`;
  return [
    ...[logs, files].map((path) => [path(identity), path(snapshot)] as const),
    ...(['containerId', 'sandboxId', 'podUid'] as const).map((key) => [identity[key], snapshot[key]] as const),
  ].filter(([from]) => from !== '');
}

/** The entries of the recorded archive, as if they were of this container: ids, names and times are its own. */
export function templateEntries(template: Template, snapshot: ContainerSnapshot): ArchiveEntry[] {
  const { file, contents } = template;
  const pairs = exchanges(template, snapshot);
  const exchanged = (text: string) => pairs.reduce((done, [from, to]) => done.replaceAll(from, to), text);
  const values = rewritten(snapshot, template);
  return template.members.map((member) => {
    const { name, mode, size } = member;
    if (name.endsWith('/')) return { name, mode, size: 0 };
    const bytes = contents.get(name);
    if (!bytes) return { name, mode, size, content: () => piecesOf(file, member) };
    const content = name.endsWith('.img')
      ? rewriteImage(bytes, exchanged)
      : Buffer.from(exchanged(withValues(bytes.toString('utf8'), values[name] ?? {})));
    return { name, mode, size: content.length, content };
  });
}
