// Tests that archives from a template are the same as the recorded archive, except for the identity of the container.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UserError } from '../../base/user-error';
import type { ArchiveEntry } from '../job';
import { tarPieces } from '../tar/small-tar';
import { contentOf, counterSnapshot, entryBytes } from '../testing/counter-snapshot';
import { imageMessages } from '../testing/read-images';
import { type ReadMember, readTar } from '../testing/read-tar';
import { readTemplate, type Template, templateEntries } from './template';

const recorded = (name: string) => path.join(__dirname, `../testdata/${name}-counter.tar`);
const snapshot = counterSnapshot({
  containerId: 'a'.repeat(64),
  sandboxId: 'b'.repeat(64),
  podUid: 'c'.repeat(32),
  containerName: 'other',
  podName: 'other-pod',
  podNamespace: 'elsewhere',
  attempt: 7,
  createdAt: '1800000000000000001',
  startedAt: '1800000001000000001',
  checkpointedAt: '1800000002000000001',
  logPath: '/var/log/other.log',
  labels: { 'io.kubernetes.container.name': 'other' },
});

describe.each(['containerd-2.1.9', 'cri-o-1.37'])('an archive of %s', (runtime) => {
  let template: Template;
  let real: ReadMember[];
  let archiveEntries: ArchiveEntry[];
  beforeAll(async () => {
    template = await readTemplate(recorded(runtime));
    real = await readTar(fs.readFileSync(recorded(runtime)));
    archiveEntries = templateEntries(template, snapshot);
  });

  it('keeps its entries, their order, their modes, and all memory', () => {
    expect(archiveEntries.map(({ name, mode }) => [name, mode])).toEqual(real.map(({ name, mode }) => [name, mode]));
    const pages = 'checkpoint/pages-1.img';
    expect(contentOf(archiveEntries, pages)).toEqual(real.find(({ name }) => name === pages)?.content);
    for (const entry of archiveEntries) expect(entry.content ? entryBytes(entry).length : 0).toBe(entry.size);
  });

  it('contains the identity of the new container and not the recorded one', () => {
    for (const entry of archiveEntries)
      for (const old of Object.values(template.identity))
        if (entry.content && !entry.name.includes('pages-')) expect(entryBytes(entry).includes(old)).toBe(false);
    expect(JSON.parse(contentOf(archiveEntries, 'config.dump').toString())).toMatchObject({
      id: snapshot.containerId,
      name: expect.stringMatching(/other_other-pod_elsewhere_c{32}_7$/),
      createdTime: '2027-01-15T08:00:00.000000001Z',
    });
    const spec = contentOf(archiveEntries, 'spec.dump').toString();
    expect(spec).toMatch(/"other-pod"/);
    expect(spec).not.toMatch(/"counter/);
  });

  it('has valid images if a new id is longer than the recorded one', () => {
    const podUid = 'dddddddd-dddd-dddd-dddd-dddddddddddd';
    const longer = templateEntries(template, { ...snapshot, podUid });
    const name = longer.map((entry) => entry.name).find((one) => one.includes('mountpoints-')) ?? '';
    const textOf = (image: Buffer) => JSON.stringify(imageMessages(name, image));
    const recordedText = textOf(real.find((member) => member.name === name)?.content ?? Buffer.alloc(0));
    const { identity } = template;
    const logs = (uid: string, container: string) => `/${uid}/containers/${container}/`;
    expect(recordedText).toContain(logs(identity.podUid, 'counter'));
    expect(textOf(contentOf(longer, name))).toBe(
      recordedText
        .replaceAll(logs(identity.podUid, 'counter'), logs(podUid, 'other'))
        .replaceAll(identity.podUid, podUid)
        .replaceAll(identity.sandboxId, snapshot.sandboxId)
        .replaceAll(identity.containerId, snapshot.containerId),
    );
  });
});

it('large numbers are not rounded', async () => {
  const entries = templateEntries(await readTemplate(recorded('containerd-2.1.9')), snapshot);
  expect(contentOf(entries, 'status').toString()).toContain('"CreatedAt":1800000000000000001,');
});

describe('a file that cannot be used as a template is refused in one sentence:', () => {
  let directory: string;
  beforeAll(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-template-'));
  });
  afterAll(() => fs.rmSync(directory, { recursive: true }));

  const LINK = tarPieces([{ name: 'link', type: 'link', mode: 0o777, mtime: 0, linkTarget: '/etc' }]);
  it.each<[string, Buffer | string | undefined, RegExp]>([
    ['an empty file', '', /it has no config\.dump; give an archive/],
    ['a short text', 'text', /it is truncated, or it is not a tar; give an archive/],
    ['a long text', 'text '.repeat(500), /it is not a tar; give an archive/],
    ['an empty tar', Buffer.alloc(1024), /it has no config\.dump; give an archive/],
    ['a tar with a link', Buffer.concat(LINK), /its member link is neither a file nor a directory/],
    ['a missing file', undefined, /cannot be read \(open .*: no such file or directory\); name an archive that exists/],
  ])('%s is not a template', async (_, content, sentence) => {
    const file = path.join(directory, content === undefined ? 'missing' : 'template.tar');
    if (content !== undefined) fs.writeFileSync(file, content);
    await expect(readTemplate(file)).rejects.toThrow(sentence);
    await expect(readTemplate(file)).rejects.toThrow(UserError);
  });
});
