// Tests archives inside images and inside archives of pods, archives of gVisor, and contents that only some archives
// have.
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { file, inspectionBench } from './testing/bench';
import { blobOf, digestOf, imageWith, jsonBytes } from './testing/images';
import { type ArchivePart, bytesOf, partsOf } from './testing/rebuild';
import { zstdStored } from './testing/zstd';
import { textLines } from './text';

const { inspectBytes, inspectParts } = inspectionBench();
let parts: ArchivePart[];
let archive: Buffer;
beforeAll(async () => {
  parts = await partsOf('containerd-2.1.9');
  archive = bytesOf(parts);
});

const OTHER_LAYER = bytesOf([file('etc/motd')]);

describe('an image', () => {
  test.each<[string, (layer: Buffer) => Buffer, RegExp]>([
    ['an OCI layout', (layer) => imageWith(OTHER_LAYER, layer), /its layer blobs\/sha256\//],
    ['an OCI layout with another layer on top', (layer) => imageWith(layer, OTHER_LAYER), /its layer blobs\/sha256\//],
    ['an OCI layout whose layer is compressed', (layer) => imageWith(gzipSync(layer)), /its layer blobs\/sha256\//],
    ['an OCI layout that is compressed', (layer) => zstdStored(imageWith(layer)), /its layer blobs\/sha256\//],
    [
      'what docker save writes',
      (layer) =>
        bytesOf([
          file('abc/layer.tar', { content: layer }),
          file('manifest.json', { content: jsonBytes([{ Layers: ['abc/layer.tar'] }]) }),
        ]),
      /its layer abc\/layer\.tar$/,
    ],
  ])('%s', async (_title, make, sentence) => {
    const { kind, findings, containers } = await inspectBytes(make(archive));
    expect(kind).toBe('image');
    expect(findings).toContainEqual(
      expect.objectContaining({ id: 'inspect/image', sentence: expect.stringMatching(sentence) }),
    );
    expect(containers).toMatchObject([{ kind: 'container', engine: 'containerd', container: { name: 'counter' } }]);
    expect(containers[0]?.processes).toHaveLength(2);
  });

  test('of containerd, which has CRIU images as a part of their own', async () => {
    const images = bytesOf(
      parts.flatMap((part) => {
        const name = part.name.replace('checkpoint/', '');
        return part.name.startsWith('checkpoint/') && name !== '' ? [{ ...part, name }] : [];
      }),
    );
    const index = jsonBytes({
      manifests: [
        { mediaType: 'application/vnd.containerd.container.criu.checkpoint.criu.tar', digest: digestOf(images) },
      ],
    });
    const { containers, findingCounts } = await inspectBytes(
      bytesOf([file('oci-layout'), blobOf(images), file('index.json', { content: index })]),
    );
    expect(containers[0]?.processes.map(({ name }) => name)).toEqual(['sh', 'sleep']);
    expect(findingCounts).toEqual({ error: 0, warning: 0, note: 1 });
  });

  test('without a checkpoint, or with a layer that cannot be read', async () => {
    const other = await inspectBytes(imageWith(OTHER_LAYER));
    expect(other.findings.map(({ sentence }) => sentence)).toEqual([
      'this is an image, but none of its layers is a checkpoint',
    ]);
    const unreadable = await inspectBytes(imageWith(gzipSync(archive).subarray(0, 5000)));
    expect(unreadable.findings.map(({ id }) => id)).toEqual(['inspect/unreadable-member', 'inspect/no-criu-images']);
  });
});

test('the archive of a pod, with an archive for each container', async () => {
  const { kind, container, containers, findings } = await inspectBytes(
    bytesOf([
      file('pod-config.json', { content: jsonBytes({ metadata: { name: 'web', namespace: 'shop' } }) }),
      file('container-a.tar', { content: archive }),
      file('container-b.tar', { content: imageWith(archive) }),
      file('container-c.tar', { content: Buffer.alloc(2048, 'x') }),
    ]),
  );
  expect({ kind, container }).toEqual({ kind: 'pod', container: { podName: 'web', podNamespace: 'shop' } });
  expect(containers).toMatchObject([
    { file: 'container-a.tar', kind: 'container' },
    { file: 'container-b.tar', kind: 'image', containers: [{ kind: 'container' }] },
  ]);
  expect(findings.map(({ sentence }) => sentence)).toEqual(['container-c.tar cannot be read as an archive']);
});

test('an archive of gVisor', async () => {
  const { kind, findings } = await inspectParts((all) => [
    ...all.filter(({ name }) => !/^checkpoint\/.*img$|^stats-dump$/.test(name)),
    file('checkpoint/checkpoint.img', { content: Buffer.from('gVisorSF') }),
    file('checkpoint/pages_meta.img'),
    file('checkpoint/pages.img'),
  ]);
  expect(kind).toBe('gvisor');
  expect(findings.map(({ sentence }) => sentence)).toEqual([
    "checkpoint/checkpoint.img is in gVisor's own format, not CRIU's: processes and memory are not shown",
  ]);
});

test('memory of GPUs, volumes of Podman and shared memory are listed and counted', async () => {
  const inspection = await inspectParts((all) => [
    ...all,
    file('checkpoint/amdgpu-pages-7-0001.img', { content: Buffer.alloc(5000) }),
    file('volumes/data.tar', {
      content: bytesOf([file('a'), file('b'), file('c/', { type: 'directory', content: Buffer.alloc(0) })]),
    }),
    file('devshm-checkpoint.tar', { content: bytesOf([file('segment')]) }),
  ]);
  expect(inspection.findings).toEqual([]);
  expect(inspection).toMatchObject({
    gpuImages: [{ name: 'amdgpu-pages-7-0001.img', bytes: 5000 }],
    volumes: [{ name: 'data', files: 2 }],
    sharedMemory: { files: 1 },
  });
  const text = [...textLines(inspection)].join('\n');
  expect(text).toMatch(/memory of GPUs \(1\)\n.* amdgpu-pages-7-0001\.img: 4\.9 KiB/);
  expect(text).toMatch(/volumes \(1\)\n.* data: 2 files, /);
  expect(text).toMatch(/shared memory: 1 file, /);
});
