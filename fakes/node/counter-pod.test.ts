// Tests that the archive of the recorded pod on the fakes equals the recorded archive, except for values that differ
// between any two checkpoints.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { leafDifferences } from '../archive/testing/differences';
import { imageKind, imageMessages } from '../archive/testing/read-images';
import { type ReadMember, readTar } from '../archive/testing/read-tar';
import { startFakeNode } from './node';

const MANIFESTS = path.join(__dirname, 'testdata/manifests');
const RUNTIMES = { 'containerd-2.1': 'containerd-2.1.9', 'cri-o-1.37': 'cri-o-1.37' } as const;
/**
 * Time between the start of the counter and the recorded checkpoints, seconds. It determines how many children the
 * counter had started.
 */
const COUNTED = 13.5;

/** Returns the members of the archive that the kubelet returns for a checkpoint of the pod. */
async function fakeArchive(persona: string): Promise<ReadMember[]> {
  await using node = await startFakeNode({
    persona,
    kubelet: { configuration: { port: 0, staticPodPath: MANIFESTS } },
  });
  node.clock.advance(COUNTED * 1000);
  const { clientCertificate, clientKey, certificateAuthority } = node.kubelet.credentials;
  const [cert, key, ca] = await Promise.all(
    [clientCertificate, clientKey, certificateAuthority].map((file) => readFile(file)),
  );
  const url = `${node.url}/checkpoint/default/counter-node1/counter`;
  const request = https.request(url, { method: 'POST', cert, key, ca, agent: false }).end();
  const [answer] = await once(request, 'response');
  const body = await text(answer);
  if (answer.statusCode !== 200) throw new Error(body);
  const [location] = JSON.parse(body).items;
  return readTar(await readFile(location));
}

const NOTHING = Buffer.alloc(0);
const JSON_FILES = /^(config\.dump|spec\.dump|status|status\.dump|bind\.mounts|checkpoint\/descriptors\.json)$/;
/** Images that exist once per process. */
const CHILD = /\/(core|fs|ids|mm|pagemap)-\d+\.img$/;

/** Replaces the scalar values in an object with their types. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

describe.each(Object.entries(RUNTIMES))('with the persona %s,', (persona, recorded) => {
  let real: ReadMember[];
  let fake: ReadMember[];
  beforeAll(async () => {
    fake = await fakeArchive(persona);
    real = await readTar(await readFile(path.join(__dirname, `../archive/testdata/${recorded}-counter.tar`)));
  });
  /** Returns the name of a member without the child's PID, which differs from the recorded PID. */
  const placeOf = ({ name }: ReadMember) =>
    name.replace(/-(1[0-9]|2[0-9])\.img$/, (number) => (CHILD.exec(name) ? '-CHILD.img' : number));

  test('the archive has the recorded members in the recorded order, with the recorded modes', () => {
    const header = (member: ReadMember) => [placeOf(member), member.type, member.mode.toString(8)];
    expect(fake.map(header)).toEqual(real.map(header));
  });

  test('the images have the recorded magic numbers, and messages with the recorded fields', () => {
    const images = fake.map((member, i) => [real[i], member] as const).filter(([, { name }]) => imageKind(name));
    expect(images.length).toBeGreaterThan(20);
    const found = images.flatMap(([recordedOne, { name, content }]) =>
      leafDifferences(
        shapeOf(imageMessages(recordedOne?.name ?? '', recordedOne?.content ?? NOTHING)),
        shapeOf(imageMessages(name, content)),
        name,
      ),
    );
    expect(found).toEqual([]);
  });

  test('the JSON files have the recorded keys and types', () => {
    const documents = fake
      .map((member, i) => [real[i], member] as const)
      .filter(([, { name }]) => JSON_FILES.test(name));
    expect(documents.length).toBeGreaterThan(3);
    const parsed = (member?: ReadMember): unknown => JSON.parse((member?.content ?? NOTHING).toString());
    const found = documents.flatMap(([recordedOne, member]) =>
      leafDifferences(shapeOf(parsed(recordedOne)), shapeOf(parsed(member)), member.name),
    );
    expect(found).toEqual([]);
  });
});
