// Creates containers from checkpoints: detects whether an image is a checkpoint, reads it, and creates the container.

import fs from 'node:fs/promises';
import path from 'node:path';
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import { ArchiveError } from '../../archive/archive-error';
import { CheckpointArchive, textIn } from '../../archive/reading/checkpoint-archive';
import { openCompressed } from '../../archive/reading/compressed-archive';
import { errorText } from '../../base/error-text';
import type { Image } from '../state/images';
import type { Lifecycle } from '../state/lifecycle';
import type { Registry } from '../state/registry';
import { RuntimeError } from '../state/runtime-error';
import type { Container, Sandbox, Store } from '../state/store';
import type { BaseImages, Metadata, RestoreRequest, RestoreRules, RestoreSupport } from './restore-rules';
import { copyLog, type Restored, readMetadata, readRestored } from './restored';

export interface RestorerParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly support: RestoreSupport;
}

/** The checkpoint from which a container is requested. */
export interface CheckpointSource {
  /** The image name in the request. */
  readonly from: string;
  /** Absolute path of the archive. */
  readonly file: string;
}

/** Everything that is needed to create a restored container. */
export interface Recreation {
  readonly config: ContainerConfig;
  readonly image: Image;
  readonly restored: Restored;
}

/** Sets the container's image to the image of the checkpointed container, under the same name. */
function onImage(config: ContainerConfig, image: Image, metadata: Metadata, images: BaseImages): ContainerConfig {
  const before = textIn(metadata['config.dump']['rootfsImageName']);
  const name = images.existing(before)?.id === image.id ? before : (image.repoTags[0] ?? image.id);
  return { ...config, image: config.image && { ...config.image, image: name, user_specified_image: '' } };
}

/** Restores containers according to the runtime's rules. */
export class Restorer {
  readonly #parts: RestorerParts & { readonly rules: RestoreRules | undefined };

  constructor(parts: RestorerParts) {
    const { support } = parts;
    const rules = support === 'none' || 'refuses' in support ? undefined : support;
    this.#parts = { ...parts, rules };
  }

  /** Returns the restore information for a verbose status. */
  information({ restored }: Container): object {
    return this.#parts.rules?.information(restored?.facts) ?? {};
  }

  /**
   * Removes or ends a container that cannot be started, as the rules require.
   * @returns the error for the client
   */
  startRefusal(container: Container, fault: ArchiveError, lifecycle: Lifecycle): Error {
    const { rules } = this.#parts;
    if (!rules) return fault;
    const error = rules.startRefusal(fault, container.id);
    if (rules.afterFailedStart === 'removed') lifecycle.remove(container);
    else lifecycle.failStart(container, error.message);
    return error;
  }

  /**
   * Finds the checkpoint that an image name refers to: an absolute path that exists, or an image made from an archive.
   * @returns undefined if the name does not refer to a checkpoint
   * @throws the error of a runtime that refuses every checkpoint
   */
  async source(name: string): Promise<CheckpointSource | undefined> {
    const { support } = this.#parts;
    if (support === 'none') return undefined;
    const found = await this.#checkpointBehind(name, support.imageAnnotations);
    if (found && 'refuses' in support) throw support.refuses(name);
    return found;
  }

  /**
   * Finds the checkpoint behind an image name.
   * @param annotations annotations that mark an image as a checkpoint. The image must have at least one of them
   */
  async #checkpointBehind(name: string, annotations: readonly string[]): Promise<CheckpointSource | undefined> {
    const { store } = this.#parts;
    if (path.isAbsolute(name)) {
      const exists = await fs.stat(name).then(
        () => true,
        () => false,
      );
      return exists ? { from: name, file: name } : undefined;
    }
    const checkpoint = name === '' ? undefined : store.image(name)?.checkpoint;
    if (!checkpoint) return undefined;
    if (!annotations.some((key) => Object.hasOwn(checkpoint.annotations, key))) return undefined;
    return { from: name, file: checkpoint.archive };
  }

  /**
   * Reads a checkpoint, lets `make` create the container, and copies the log.
   * @throws the error that the rules choose for the client
   */
  async recreate(
    { from, file }: CheckpointSource,
    target: { readonly config: ContainerConfig; readonly sandbox: Sandbox; readonly signal: AbortSignal },
    make: (recreation: Recreation) => Container,
  ): Promise<Container> {
    const { rules } = this.#parts;
    if (!rules) throw new RuntimeError('not-implemented', 'this runtime does not restore');
    try {
      await using archive = await (rules.readsGzip ? openCompressed(file) : CheckpointArchive.open(file));
      const metadata = await readMetadata(archive, rules);
      const request: RestoreRequest = { config: target.config, pod: target.sandbox.config, from, metadata };
      const config = rules.configuration(request);
      const images = this.#images(target.signal);
      const image = await rules.baseImage(request, images);
      const restored = await readRestored(archive, metadata, rules);
      target.signal.throwIfAborted();
      const container = make({ config: onImage(config, image, metadata, images), image, restored });
      await this.#log(archive, container, target.signal);
      return container;
    } catch (error) {
      throw error instanceof ArchiveError ? rules.creationRefusal(error, from) : error;
    }
  }

  async #log(archive: CheckpointArchive, container: Container, signal: AbortSignal): Promise<void> {
    try {
      await copyLog(archive, container.logPath, signal);
    } catch (error) {
      if (container.phase === 'created') this.#parts.store.moveContainer(container, 'remove');
      signal.throwIfAborted();
      throw new RuntimeError(
        'internal',
        `failed to restore the log file of container "${container.id}": ${errorText(error)}`,
      );
    }
  }

  #images(signal: AbortSignal): BaseImages {
    const { store, registry } = this.#parts;
    return {
      existing: (name) => {
        try {
          return store.image(name);
        } catch {
          // Ignore the error, because the image name in an archive may not be a valid reference.
          return undefined;
        }
      },
      pull: async (reference) => store.addImage(await registry.pull(reference, null, signal)),
      tag: (image, reference) => {
        const { repoTags } = registry.imageOf(reference);
        return store.addImage({ ...image, repoTags: [...repoTags] });
      },
    };
  }
}
