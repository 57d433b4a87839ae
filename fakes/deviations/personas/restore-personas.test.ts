// Tests which archives the personas restore, and the error messages for all other archives.
import fs from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import { crioEntries } from '../../archive/crio/crio-layout';
import { PersonaBench, RESTORED_LAYOUTS, saying, without } from '../testing/persona-bench';

const bench = PersonaBench.forEachTest();

type Restoring = keyof typeof RESTORED_LAYOUTS;
const BOTH: readonly Restoring[] = ['containerd-2.1', 'cri-o-1.37+restore'];

describe.each(BOTH)('with the persona %s,', (name) => {
  const layout = RESTORED_LAYOUTS[name];

  test('the counter continues after the restore', async () => {
    await bench.start(name);
    const container_id = await bench.create(await bench.archive(layout));
    await bench.client.call('StartContainer', { container_id });
    bench.clock.advance(1000);
    const { status } = await bench.client.call('ContainerStatus', { container_id });
    expect(status?.log_path).toBe(bench.at(name.startsWith('cri-o') ? `new/${container_id}.log` : 'new/c.log'));
    const log = await fs.readFile(status?.log_path ?? '', 'utf8');
    expect(log.split('\n').map((line) => line.slice(line.indexOf(' F ') + 3))).toEqual(['0', '1', '2', '']);
  });

  test.each([
    [
      'a directory',
      () => fs.mkdir(bench.at('x')),
      'unpacking of checkpoint archive {TMP} failed: read {DIR}/x: is a directory',
    ],
    [
      'an empty file',
      () => fs.writeFile(bench.at('x'), ''),
      'failed to read "spec.dump": open {TMP}/spec.dump: no such file or directory',
    ],
    [
      'no tar',
      () => fs.writeFile(bench.at('x'), 'x'.repeat(2000)),
      'unpacking of checkpoint archive {TMP} failed: archive/tar: invalid tar header',
    ],
    [
      'a short file',
      () => fs.writeFile(bench.at('x'), 'x'),
      'unpacking of checkpoint archive {TMP} failed: unexpected EOF',
    ],
  ])('a restore from %s fails with the recorded message', async (_, make, said) => {
    await bench.start(name);
    await make();
    expect(await bench.create(bench.at('x'))).toBe(`2 UNKNOWN: ${said}`);
    expect(bench.runtime.control.state().containers).toEqual([]);
  });

  test.each([
    [without('spec.dump'), 'failed to read "spec.dump": open {TMP}/spec.dump: no such file or directory'],
    [without('config.dump'), 'failed to read "config.dump": open {TMP}/config.dump: no such file or directory'],
    [
      saying('spec.dump', '{"a":'),
      'failed to read "spec.dump": failed to unmarshal {TMP}/spec.dump: unexpected end of JSON input',
    ],
    [
      saying('config.dump', 'xyz'),
      'failed to read "config.dump": failed to unmarshal {TMP}/config.dump: ' +
        "invalid character 'x' looking for beginning of value",
    ],
  ])('a restore from invalid metadata fails with the recorded message', async (change, said) => {
    await bench.start(name);
    expect(await bench.create(await bench.archive(layout, change))).toBe(`2 UNKNOWN: ${said}`);
    expect(bench.runtime.control.state().containers).toEqual([]);
  });
});

test('containerd treats a path that does not exist as an invalid image name (measured)', async () => {
  await bench.start('containerd-2.1');
  expect(await bench.create(bench.at('none.tar'))).toBe(
    '5 NOT_FOUND: failed to check if this is a checkpoint image: failed to resolve image "{DIR}/none.tar": not found',
  );
});

test('CRI-O reports that a path that does not exist is not an image name (measured)', async () => {
  await bench.start('cri-o-1.37+restore');
  expect(await bench.create(bench.at('none.tar'))).toBe(
    '2 UNKNOWN: failed to check if this is a checkpoint image: cannot parse input: "{DIR}/none.tar": invalid reference format',
  );
});

test.each(['containerd-1.6', 'containerd-2.4', 'cri-dockerd', 'cri-o-1.37', 'cri-o-1.37+disabled'])(
  '%s treats the path of an archive as an image name',
  async (name) => {
    await bench.start(name);
    const said = await bench.create(await bench.archive(containerdEntries));
    expect(said).toMatch(
      /NOT_FOUND: failed to resolve image ".*": not found|UNKNOWN: cannot parse input: "{DIR}\/a.tar"/,
    );
    expect(bench.runtime.control.state().containers).toEqual([]);
  },
);

test.each([
  ['containerd-2.1', crioEntries, 'failed to read "status.dump": open {TMP}/status.dump: no such file or directory'],
  [
    'cri-o-1.37+restore',
    containerdEntries,
    'failed to read "io.kubernetes.cri-o.Annotations": unexpected end of JSON input',
  ],
])('%s refuses an archive in the layout of the other runtime', async (name, layout, said) => {
  await bench.start(name);
  expect(await bench.create(await bench.archive(layout))).toBe(`2 UNKNOWN: ${said}`);
});

test.each([
  [
    /"rootfsImageRef":"[^"]*"/,
    '"rootfsImageRef":""',
    '2 UNKNOWN: failed to pull checkpoint base image : failed to resolve reference "": hostname required',
  ],
  [
    /"rootfsImageRef":"[^"]*"/,
    '"rootfsImageRef":"localhost:5000/none:1"',
    '5 NOT_FOUND: failed to pull checkpoint base image localhost:5000/none:1: failed to resolve reference "localhost:5000/none:1": localhost:5000/none:1: not found',
  ],
  [
    /"rootfsImageRef":"[^"]*"/,
    '"rootfsImageRef":"sha256:12ab"',
    '2 UNKNOWN: failed to pull checkpoint base image sha256:12ab: failed to resolve reference "sha256:12ab": parse "dummy://sha256:12ab": invalid port ":12ab" after host',
  ],
  [
    /"rootfsImageName":"[^"]*"/,
    '"rootfsImageName":"@@@"',
    '2 UNKNOWN: error parsing reference: "@@@" is not a valid repository/tag invalid reference format',
  ],
])('containerd pulls the base image, however the archive names it: %s %s', async (old, now, said) => {
  await bench.start('containerd-2.1', { registry: [{ image: 'localhost:5000/none:1', do: 'absent' }] });
  const change = saying('config.dump', (text) => text.replace(old, now));
  expect(await bench.create(await bench.archive(containerdEntries, change))).toBe(said);
});

test('CRI-O names the missing base image in its error, and not the archive', async () => {
  await bench.start('cri-o-1.37+restore');
  const absent = 'ab'.repeat(32);
  const change = saying('config.dump', (text) =>
    text.replace(/"rootfsImageRef": "[^"]*"/, `"rootfsImageRef": "${absent}"`),
  );
  expect(await bench.create(await bench.archive(crioEntries, change))).toMatch(
    new RegExp(`^2 UNKNOWN: reference ".*\\]${absent}" does not resolve to an image ID$`),
  );
});
