// Makes images from checkpoint archives, as `checkpointctl build` and other tools do.
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '../../archive/archive-error';
import { CheckpointArchive, type JsonObject, mapIn, textIn } from '../../archive/reading/checkpoint-archive';
import { UserError } from '../../base/user-error';
import { checkReference, type Image, imageAt, parseReference } from '../state/images';
import { METADATA } from './restore-rules';

/**
 * The tools whose annotations an image can have. containerd reads the annotations of `checkpointctl`, and CRI-O reads
 * the annotation of `cri-o`.
 */
const IMAGE_BUILDERS = ['checkpointctl', 'cri-o'] as const;
export type ImageBuilder = (typeof IMAGE_BUILDERS)[number];

/** An image that is made from a checkpoint archive. */
export interface CheckpointImage {
  /** The image reference of the new image. */
  readonly reference: string;
  /** Path of the archive. Its content is copied. */
  readonly archive: string;
  /** The tool whose annotations the image gets. Default: `checkpointctl`. */
  readonly builder?: ImageBuilder;
  /** Annotations that replace those of the builder. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns whether a parsed object is a valid CheckpointImage without its own annotations. */
export function isCheckpointImage(value: unknown): value is CheckpointImage {
  if (typeof value !== 'object' || value === null) return false;
  const { reference, archive, builder = 'checkpointctl', ...more }: Record<string, unknown> = { ...value };
  return (
    typeof reference === 'string' &&
    typeof archive === 'string' &&
    IMAGE_BUILDERS.some((known) => known === builder) &&
    Object.keys(more).length === 0
  );
}

const CRIU = 'org.criu.checkpoint.';

/** Returns the annotations that a builder writes, from the metadata of the archive. */
function annotationsOf(builder: ImageBuilder, spec: JsonObject, config: JsonObject): Record<string, string> {
  const own = mapIn(spec['annotations']);
  const text = (key: string) => textIn(config[key]);
  const isCrio = own['io.container.manager'] === 'cri-o';
  const named = (suffix: string, kubernetes: string) =>
    own[isCrio ? `io.kubernetes.${kubernetes}` : `io.kubernetes.cri.${suffix}`] ?? '';
  const container = named('container-name', 'container.name') || text('name');
  if (builder === 'cri-o') return { 'io.kubernetes.cri-o.annotations.checkpoint.name': container };
  const all = {
    'engine.name': isCrio ? 'CRI-O' : 'containerd',
    'container.name': container,
    'pod.name': named('sandbox-name', 'pod.name'),
    'pod.namespace': named('sandbox-namespace', 'pod.namespace'),
    rootfsImageUserRequested: text('rootfsImage'),
    rootfsImageName: text('rootfsImageName'),
    rootfsImageID: text('rootfsImageRef'),
    'runtime.name': text('runtime'),
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [CRIU + name, value]));
}

/**
 * Makes the image and copies its archive into the runtime's own directory.
 * @param directory directory for the copy; if it is missing, it is created and readable only by its owner
 * @throws UserError if the file is not a checkpoint archive or the reference is not valid
 */
export async function checkpointImage(
  { reference, archive, builder = 'checkpointctl', annotations }: CheckpointImage,
  directory: string,
): Promise<Image> {
  checkReference(reference);
  const named = imageAt(parseReference(reference));
  try {
    await using opened = await CheckpointArchive.open(archive);
    const config = await opened.json('config.dump', METADATA['config.dump']);
    const spec = await opened.json('spec.dump', METADATA['spec.dump']);
    const identity = `checkpoint ${textIn(config['id'])} ${textIn(config['checkpointedTime'])} under ${reference}`;
    const id = createHash('sha256').update(identity).digest('hex');
    await fs.mkdir(directory, { recursive: true, mode: 0o700 });
    const copy = path.join(directory, `${id}.tar`);
    await fs.copyFile(archive, copy);
    await fs.chmod(copy, 0o600);
    return {
      ...named,
      id: `sha256:${id}`,
      size: opened.source.size,
      entrypoint: [],
      command: [],
      environment: [],
      checkpoint: { archive: copy, annotations: annotations ?? annotationsOf(builder, spec, config) },
    };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new UserError(
      `${archive}: image ${reference} cannot be made from it (${error.message}); give a checkpoint archive`,
    );
  }
}
