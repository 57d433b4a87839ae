import { expect, test } from '@jest/globals';
import { imageItem } from '../api/views';
import { imageAt, parseReference } from './images';
import { DEFAULT_SETTINGS } from './settings';
import { Store } from './store';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['busybox', 'docker.io/library/busybox', 'latest', undefined],
  ['busybox:1.36', 'docker.io/library/busybox', '1.36', undefined],
  ['someone/thing', 'docker.io/someone/thing', 'latest', undefined],
  ['docker.io/busybox', 'docker.io/library/busybox', 'latest', undefined],
  ['UPPER/case', 'UPPER/case', 'latest', undefined],
  ['localhost/x:y', 'localhost/x', 'y', undefined],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause', '3.10', undefined],
  ['127.0.0.1:5000/a/b/c:v1', '127.0.0.1:5000/a/b/c', 'v1', undefined],
  [`busybox@${DIGEST}`, 'docker.io/library/busybox', undefined, DIGEST],
  [`busybox:1@${DIGEST}`, 'docker.io/library/busybox', '1', DIGEST],
])('the reference %s is parsed', (text, repository, tag, digest) => {
  expect(parseReference(text)).toEqual({ repository, ...(tag && { tag }), ...(digest && { digest }) });
});

test.each(['', 'UPPER', 'a/UPPER', 'a b', 'x:', 'x@sha256:12', '/x', 'x//', '-x', `${'a/'.repeat(3000)}!`])(
  '%j is not a valid reference',
  (text) => {
    expect(() => parseReference(text)).toThrow('invalid reference format');
  },
);

test('id and digest of an image depend only on its name, and differ for another tag', () => {
  const one = imageAt(parseReference('busybox'));
  expect(one).toEqual(imageAt(parseReference('docker.io/library/busybox:latest')));
  expect(one.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(one.repoDigests[0]).toMatch(/^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/);
  expect(imageAt(parseReference('busybox:1')).id).not.toBe(one.id);
});

test('tags of the same image, and hosts that mirror each other, have the same id', () => {
  const id = (name: string) => imageAt(parseReference(name)).id;
  expect(id('gcr.io/k8s-staging-cri-tools/test-image-tags:1')).toBe(
    id('gcr.io/k8s-staging-cri-tools/test-image-tags:2'),
  );
  expect(id('k8s.gcr.io/pause:3.10')).toBe(id('registry.k8s.io/pause:3.10'));
  expect(id('k8s.gcr.io/pause:3.9')).not.toBe(id('registry.k8s.io/pause:3.10'));
});

test.each([
  ['test-image-user-uid', { uid: { value: '1002' }, username: '' }],
  ['test-image-user-uid-group', { uid: { value: '1003' }, username: '' }],
  ['test-image-user-username-group', { username: 'www-data' }],
  ['another', { username: '' }],
])('the user of the image %s is reported as a number or a name', (name, user) => {
  const { uid, username } = imageItem(
    imageAt(parseReference(`gcr.io/k8s-staging-cri-tools/${name}`)),
    DEFAULT_SETTINGS,
  );
  expect({ ...(uid && { uid }), username }).toEqual(user);
});

test('an image is found by each of its names', () => {
  const store = new Store();
  const image = store.addImage(imageAt(parseReference('busybox')));
  const names = [image.id, image.id.slice(7), image.id.slice(7, 19), 'busybox', 'docker.io/library/busybox:latest'];
  for (const name of [...names, ...image.repoDigests]) expect(store.image(name)).toBe(image);
  for (const name of ['busybox:1', `sha256:${'0'.repeat(64)}`, `busybox@${DIGEST}`]) {
    expect(store.image(name)).toBeUndefined();
  }
  expect(store.addImage(imageAt(parseReference('busybox')))).toEqual(image);
});
