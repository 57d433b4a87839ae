// Tests which responses of a runtime are decoded again.
import { expect, test } from '@jest/globals';
import { criCall } from '../../../proto/load';
import { decodeOnce } from './decode-once';

const list = criCall('ListContainers');
const of = (count: number, id = 'id') =>
  list.responseSerialize({ containers: Array.from({ length: count }, (_, n) => ({ id: `${id}-${n}` })) });

test('equal bytes are decoded once, and different bytes again', () => {
  const decode = decodeOnce();
  const first = decode(list, of(1000));
  expect(first.containers).toHaveLength(1000);
  expect(decode(list, of(1000))).toBe(first);
  const other = decode(list, of(1000, 'xx'));
  expect(other.containers[999]?.id).toBe('xx-999');
  expect(decode(list, of(1000)).containers[0]?.id).toBe('id-0');
});

test('equal bytes are decoded again for another method', () => {
  const decode = decodeOnce();
  const bytes = of(1000);
  decode(list, bytes);
  expect(decode(criCall('ListPodSandbox'), bytes)).toHaveProperty('items');
});
