// Handlers of the calls of the image service.

import { nanoseconds } from '../../go/time';
import type { UnaryHandlers } from '../grpc/calls';
import { RuntimeError } from '../state/runtime-error';
import type { Runtime } from './context';
import { filterImages } from './filters';
import { verboseInfo } from './verbose';
import { imageId, imageItem } from './views';

/** Number of files in one image, for the inode count of ImageFsInfo. */
const INODES_PER_IMAGE = 40;

/** Returns the handlers of the image service. */
export function imageCalls({ store, registry, clock, stateDirectory, settings }: Runtime): UnaryHandlers {
  const named = (spec: { readonly image: string } | null) => {
    if (!spec?.image) throw new RuntimeError('invalid', 'image must not be empty');
    return spec.image;
  };
  return {
    ListImages: ({ request }) => ({
      images: filterImages(store, request.filter).map((image) => imageItem(image, settings)),
    }),
    ImageStatus: ({ request }) => {
      const image = store.image(named(request.image));
      if (!image) return { image: null, info: {} };
      const { environment, command, entrypoint } = image;
      const config = { Env: environment, Cmd: command, Entrypoint: entrypoint };
      const imageSpec = { architecture: 'amd64', os: 'linux', config };
      return { image: imageItem(image, settings), info: verboseInfo(request.verbose, () => ({ imageSpec })) };
    },
    PullImage: async ({ request, signal }) => {
      const image = await registry.pull(named(request.image), request.auth, signal);
      return { image_ref: imageId(store.addImage(image), settings) };
    },
    RemoveImage: ({ request }) => {
      const image = store.image(named(request.image));
      if (image) store.images.delete(image.id);
      return {};
    },
    ImageFsInfo: () => {
      const images = [...store.images.values()];
      const usage = {
        timestamp: nanoseconds(clock.now()),
        // Use an existing path, because a kubelet queries the file system at this path.
        fs_id: { mountpoint: stateDirectory },
        used_bytes: { value: String(images.reduce((sum, { size }) => sum + size, 0)) },
        inodes_used: { value: String(images.length * INODES_PER_IMAGE) },
      };
      return { image_filesystems: [usage], container_filesystems: [] };
    },
  };
}
