// A recorded archive as a template: everything of it is there, and nothing names the container it was made of.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UserError } from '../../base/user-error';
import { bytesOf, contentOf, counterSnapshot } from '../testing/counter-snapshot';
import { readImage } from '../testing/read-images';
import { readTar } from '../testing/read-tar';
import { readTemplate, templateEntries } from './template';

let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-template-'));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

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
  const entries = () => templateEntries(readTemplate(recorded(runtime)), snapshot);
  const json = (name: string) => contentOf(entries(), name).toString();

  it('keeps its entries, their order and modes, and all memory', async () => {
    const real = await readTar(fs.readFileSync(recorded(runtime)));
    const made = entries();
    expect(made.map(({ name, mode }) => [name, mode])).toEqual(real.map(({ name, mode }) => [name, mode]));
    const pages = 'checkpoint/pages-1.img';
    expect(contentOf(made, pages)).toEqual(real.find(({ name }) => name === pages)?.content);
    for (const entry of made) expect(entry.content ? bytesOf(entry).length : 0).toBe(entry.size);
  });

  it('names the container of the snapshot, and no other', () => {
    const { identity } = readTemplate(recorded(runtime));
    for (const entry of entries())
      for (const old of Object.values(identity))
        if (entry.content && !entry.name.includes('pages-')) expect(bytesOf(entry).includes(old)).toBe(false);
    expect(JSON.parse(json('config.dump'))).toMatchObject({
      id: snapshot.containerId,
      name: expect.stringMatching(/other_other-pod_elsewhere_c{32}_7$/),
      createdTime: '2027-01-15T08:00:00.000000001Z',
    });
    expect(json('spec.dump')).toMatch(/"other-pod"/);
    expect(json('spec.dump')).not.toMatch(/"counter/);
  });
});

it.each(['containerd-2.1.9', 'cri-o-1.37'])('images of %s stay readable where a new id is longer', async (runtime) => {
  const template = readTemplate(recorded(runtime));
  const podUid = 'dddddddd-dddd-dddd-dddd-dddddddddddd';
  const made = templateEntries(template, { ...snapshot, podUid });
  const real = await readTar(fs.readFileSync(recorded(runtime)));
  const name = made.map((entry) => entry.name).find((one) => one.includes('mountpoints-')) ?? '';
  const of = (image: Buffer) => JSON.stringify(readImage(name, image));
  const recordedText = of(real.find((member) => member.name === name)?.content ?? Buffer.alloc(0));
  const { identity } = template;
  const path = (uid: string, container: string) => `/${uid}/containers/${container}/`;
  expect(recordedText).toContain(path(identity.podUid, 'counter'));
  expect(of(contentOf(made, name))).toBe(
    recordedText
      .replaceAll(path(identity.podUid, 'counter'), path(podUid, 'other'))
      .replaceAll(identity.podUid, podUid)
      .replaceAll(identity.sandboxId, snapshot.sandboxId)
      .replaceAll(identity.containerId, snapshot.containerId),
  );
});

it('keeps large numbers whole', () => {
  const status = contentOf(templateEntries(readTemplate(recorded('containerd-2.1.9')), snapshot), 'status').toString();
  expect(status).toContain('"CreatedAt":1800000000000000001,');
});

describe('what cannot be a template is refused in one sentence', () => {
  const file = (content: Buffer | string) => {
    const name = path.join(directory, 'template.tar');
    fs.writeFileSync(name, content);
    return name;
  };
  it.each([
    ['nothing', () => file(''), /it is cut, or not a plain tar/],
    ['a text', () => file('text '.repeat(500)), /not a plain tar/],
    ['an archive without metadata', () => file(Buffer.alloc(1024)), /it has no config\.dump/],
    ['no file', () => path.join(directory, 'absent'), /cannot be read \(ENOENT/],
  ])('%s', (_title, name, sentence) => {
    expect(() => readTemplate(name())).toThrow(sentence);
    expect(() => readTemplate(name())).toThrow(UserError);
  });
});
