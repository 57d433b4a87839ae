// Creates containers from checkpoints: finds out whether an image is one, reads it, and puts the container together.

import fs from 'node:fs/promises';
import path from 'node:path';
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import { ArchiveError } from '../../archive/archive-error';
import { CheckpointArchive, textIn } from '../../archive/reading/checkpoint-archive';
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

/** A checkpoint that a container is asked for from. */
export interface CheckpointSource {
  /** As the request has it. */
  readonly from: string;
  /** The archive, absolute. */
  readonly file: string;
}

/** What a container is made from that was there before. */
export interface Recreation {
  readonly config: ContainerConfig;
  readonly image: Image;
  readonly restored: Restored;
}

/** The configuration names the image that the container runs on, by the name that it had where it was checkpointed. */
function onImage(config: ContainerConfig, image: Image, metadata: Metadata, images: BaseImages): ContainerConfig {
  const before = textIn(metadata['config.dump']['rootfsImageName']);
  const name = images.held(before)?.id === image.id ? before : (image.repoTags[0] ?? image.id);
  return { ...config, image: config.image && { ...config.image, image: name, user_specified_image: '' } };
}

export class Restorer {
  readonly #parts: RestorerParts & { readonly rules: RestoreRules | undefined };

  constructor(parts: RestorerParts) {
    const { support } = parts;
    const rules = support === 'none' || 'refuses' in support ? undefined : support;
    this.#parts = { ...parts, rules };
  }

  /** What verbose status tells of a container because of restores. */
  information({ restored }: Container): object {
    return this.#parts.rules?.information(restored?.facts) ?? {};
  }

  /** Does away with a container that cannot be started, as the rules say; what the caller is told. */
  startRefusal(container: Container, fault: ArchiveError, lifecycle: Lifecycle): Error {
    const { rules } = this.#parts;
    if (!rules) return fault;
    const error = rules.startRefusal(fault, container.id);
    if (rules.afterFailedStart === 'removed') lifecycle.remove(container);
    else lifecycle.failStart(container, error.message);
    return error;
  }

  /**
   * Finds the checkpoint that an image stands for: an absolute path at which there is something, or the name of an image
   * made from an archive. Undefined for anything else.
   *
   * @throws what the caller is told by a runtime that refuses every checkpoint
   */
  async source(name: string): Promise<CheckpointSource | undefined> {
    const { support, rules } = this.#parts;
    if (support === 'none') return undefined;
    const found = await this.#found(name, rules?.imageAnnotations);
    if (found && 'refuses' in support) throw support.refuses(name);
    return found;
  }

  /** Finds the checkpoint of any image that was made from one if no annotations are given. */
  async #found(name: string, annotations: readonly string[] | undefined): Promise<CheckpointSource | undefined> {
    const { store } = this.#parts;
    if (path.isAbsolute(name)) {
      const isThere = await fs.stat(name).then(
        () => true,
        () => false,
      );
      return isThere ? { from: name, file: name } : undefined;
    }
    const checkpoint = name === '' ? undefined : store.image(name)?.checkpoint;
    if (!checkpoint) return undefined;
    if (annotations && !annotations.some((key) => Object.hasOwn(checkpoint.annotations, key))) return undefined;
    return { from: name, file: checkpoint.archive };
  }

  /**
   * Reads all of a checkpoint and has `make` make a container of it; the log is copied once it is there. Rejects in the
   * rules' words.
   */
  async recreate(
    { from, file }: CheckpointSource,
    asked: { readonly config: ContainerConfig; readonly sandbox: Sandbox; readonly signal: AbortSignal },
    make: (recreation: Recreation) => Container,
  ): Promise<Container> {
    const { rules } = this.#parts;
    if (!rules) throw new RuntimeError('not-implemented', 'this runtime does not restore');
    try {
      await using archive = await CheckpointArchive.open(file);
      const metadata = await readMetadata(archive, rules);
      const request: RestoreRequest = { config: asked.config, pod: asked.sandbox.config, from, metadata };
      const config = rules.configuration(request);
      const images = this.#images(asked.signal);
      const image = await rules.baseImage(request, images);
      const restored = await readRestored(archive, metadata, rules);
      asked.signal.throwIfAborted();
      const container = make({ config: onImage(config, image, metadata, images), image, restored });
      await this.#log(archive, container, asked.signal);
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
      held: (name) => {
        try {
          return store.image(name);
        } catch {
          // What an archive calls an image need not be a reference.
          return undefined;
        }
      },
      pulled: async (reference) => store.addImage(await registry.pull(reference, null, signal)),
      tagged: (image, reference) => {
        const { repoTags } = registry.imageOf(reference);
        return store.addImage({ ...image, repoTags: [...repoTags] });
      },
    };
  }
}
