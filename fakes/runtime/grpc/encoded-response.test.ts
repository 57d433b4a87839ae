// Tests encoded responses: they are sent as they are, and decoded only if an interceptor reads them.
import { expect, test } from '@jest/globals';
import { criCall } from '../../../proto/load';
import { EncodedResponse, serializerFor } from './encoded-response';

const { responseSerialize } = criCall('ListContainers');
const listOf = (...ids: readonly string[]) => ({ containers: ids.map((id) => ({ id })) });

test('a response that nobody reads is sent without being decoded', () => {
  const unreadable = Buffer.from('ff', 'hex');
  const response = new EncodedResponse('ListContainers', unreadable, listOf('a'));
  expect(serializerFor(() => Buffer.from('encoded again'))(response)).toBe(unreadable);
  expect(() => Reflect.get(response, 'containers')).toThrow();
});

test('an interceptor reads its fields, and a copy of it is an ordinary message', () => {
  const response = new EncodedResponse('ListContainers', responseSerialize(listOf('a', 'b')), listOf('a'));
  const copy = { ...response };
  expect(Object.keys(copy)).toEqual(['containers']);
  expect(copy).toMatchObject(listOf('a', 'b'));
  expect(Reflect.get(response, 'containers')).toBe(Reflect.get(response, 'containers'));
});
