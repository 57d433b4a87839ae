import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ENUM_FIELDS, ENUM_ZEROS, inRecordedForm, MAP_FIELDS } from './recorded-form';

const proto = readFileSync(path.join(__dirname, '../../../proto/cri/v1/api.proto'), 'utf8');

test('the tables contain every map and enum of the API', () => {
  const maps = [...proto.matchAll(/map<string, string> (\w+)/g)].map((match) => match[1]);
  expect([...MAP_FIELDS].sort()).toEqual([...new Set(maps)].sort());
  const enums = [...proto.matchAll(/enum (\w+) \{[^}]*?(\w+) = 0;/g)].map(([, name, zero]) => ({ name, zero }));
  expect([...ENUM_ZEROS].sort()).toEqual([...new Set(enums.map(({ zero }) => zero))].sort());
  const names = enums.map(({ name }) => name).join('|');
  const fields = [...proto.matchAll(new RegExp(`^ +(?:${names}) (\\w+) = `, 'gm'))].map((match) => match[1]);
  expect([...ENUM_FIELDS].sort()).toEqual([...new Set(fields)].sort());
});

test('default values are left out, labels and messages that are set are kept', () => {
  expect(
    inRecordedForm({
      id: 'x',
      state: 'SANDBOX_READY',
      created_at: '0',
      labels: { a: '', b: '0' },
      annotations: {},
      network: { ip: '', additional_ips: [] },
      linux: null,
      readonly: false,
      cpuset_cpus: '0',
      command: ['', 'POD', '0'],
      envs: [{ key: 'A', value: Buffer.from('b') }],
    }),
  ).toEqual({
    id: 'x',
    labels: { a: '', b: '0' },
    network: {},
    cpuset_cpus: '0',
    command: ['', 'POD', '0'],
    envs: [{ key: 'A', value: 'b' }],
  });
});

test('a long list is cut to its first entries', () => {
  expect(inRecordedForm({ images: [{ id: '1' }, { id: '2' }, { id: '3' }] }, 2)).toEqual({
    images: [{ id: '1' }, { id: '2' }],
  });
});
