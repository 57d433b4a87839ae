// Tests that the proto files contain exactly what the tables of the standards contain.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import protobuf from 'protobufjs';
import criTable from './tables/cri-v1.json';
import criuTable from './tables/criu-images.json';

interface FieldRow {
  readonly number: number;
  readonly type: string;
  readonly label?: string;
  readonly rule?: string;
  readonly default?: unknown;
}
interface CallRow {
  readonly request: string;
  readonly response: string;
  readonly serverStreaming?: boolean;
}

const parse = (file: string) =>
  protobuf.parse(fs.readFileSync(path.join(__dirname, file), 'utf8'), { keepCase: true }).root;

/** Returns all declarations of a package by name. The name of a nested declaration is a path with dots. */
function declared(namespace: protobuf.NamespaceBase, prefix = ''): Map<string, protobuf.ReflectionObject> {
  const found = new Map<string, protobuf.ReflectionObject>();
  for (const member of namespace.nestedArray) {
    found.set(prefix + member.name, member);
    if (member instanceof protobuf.Type)
      for (const [name, nested] of declared(member, `${prefix}${member.name}.`)) found.set(name, nested);
  }
  return found;
}

const packageOf = (root: protobuf.Root, name: string) => root.lookup(name) as protobuf.Namespace;
const only = <T extends protobuf.ReflectionObject>(
  all: Map<string, protobuf.ReflectionObject>,
  kind: abstract new (...args: never[]) => T,
) => new Map([...all].filter((pair): pair is [string, T] => pair[1] instanceof kind));

const rowOf = (field: protobuf.Field): FieldRow => ({
  number: field.id,
  type: field instanceof protobuf.MapField ? `map<${field.keyType},${field.type}>` : field.type,
});

describe('CRI v1', () => {
  const all = declared(packageOf(parse('cri/v1/api.proto'), 'runtime.v1'));
  const types = only(all, protobuf.Type);
  const enums = only(all, protobuf.Enum);
  const services = only(all, protobuf.Service);
  const messageRows: Record<string, { fields: Record<string, FieldRow> }> = criTable.messages;
  const enumRows: Record<string, { values: Record<string, { number: number }> }> = criTable.enums;
  const serviceRows: Record<string, Record<string, CallRow>> = criTable.services;

  test('has the messages, enums and services of the table and no others', () => {
    expect([...types.keys()].sort()).toEqual(Object.keys(messageRows).sort());
    expect([...enums.keys()].sort()).toEqual(Object.keys(enumRows).sort());
    expect([...services.keys()].sort()).toEqual(Object.keys(serviceRows).sort());
    expect([types.size, enums.size]).toEqual([175, 11]);
  });

  test.each(Object.keys(messageRows))('message %s', (name) => {
    const fields = types.get(name)?.fieldsArray ?? [];
    const seen = fields.map((field) => [field.name, { ...rowOf(field), ...(field.repeated && { label: 'repeated' }) }]);
    const rows = Object.entries(messageRows[name]?.fields ?? {});
    const wanted = rows.map(([field, { number, type, label }]) => [field, { number, type, ...(label && { label }) }]);
    expect(seen).toEqual(wanted);
  });

  test.each(Object.keys(enumRows))('enum %s', (name) => {
    const rows = Object.entries(enumRows[name]?.values ?? {});
    expect(enums.get(name)?.values).toEqual(Object.fromEntries(rows.map(([value, { number }]) => [value, number])));
  });

  test.each([
    ['RuntimeService', 37],
    ['ImageService', 6],
  ])('service %s has its %i calls', (name, count) => {
    const seen = services.get(name)?.methodsArray ?? [];
    const rows = Object.entries(serviceRows[name] ?? {});
    expect(seen).toHaveLength(count);
    expect(
      seen.map(({ name, requestType, responseType, requestStream, responseStream }) => [
        name,
        { requestType, responseType, requestStream: !!requestStream, responseStream: !!responseStream },
      ]),
    ).toEqual(
      rows.map(([call, { request, response, serverStreaming }]) => [
        call,
        { requestType: request, responseType: response, requestStream: false, responseStream: !!serverStreaming },
      ]),
    );
  });
});

/** Types that the table uses but does not define. SOURCES.md says where they come from. */
const NOT_IN_TABLE = ['march', 'sk_opts_entry', 'sk_shutdown'];

describe('CRIU images', () => {
  const all = declared(packageOf(parse('criu/images.proto'), 'criu'));
  const types = only(all, protobuf.Type);
  const enums = only(all, protobuf.Enum);
  const messageRows: Record<string, { fields: Record<string, FieldRow> }> = criuTable.messages;
  const enumRows: Record<string, Record<string, number>> = criuTable.enums;

  test('has the messages and enums of the table, and no others except those that its rows use', () => {
    const wanted = [...Object.keys(messageRows), ...Object.keys(enumRows), ...NOT_IN_TABLE];
    expect([...types.keys(), ...enums.keys()].sort()).toEqual(wanted.sort());
    const used = new Set(
      Object.values(messageRows).flatMap(({ fields }) => Object.values(fields).map(({ type }) => type)),
    );
    expect(NOT_IN_TABLE.filter((type) => !used.has(type))).toEqual([]);
  });

  test.each(Object.keys(messageRows))('message %s', (name) => {
    const fields = types.get(name)?.fieldsArray ?? [];
    const seen = fields.map((field) => {
      const value: unknown = field.getOption('default');
      const rule = field.repeated ? 'repeated' : field.required ? 'required' : 'optional';
      return [field.name, { ...rowOf(field), rule, ...(value !== undefined && { default: value }) }];
    });
    const rows = Object.entries(messageRows[name]?.fields ?? {});
    expect(seen).toEqual(rows.map(([field, row]) => [field, row]));
  });

  test.each(Object.keys(enumRows))('enum %s', (name) => expect(enums.get(name)?.values).toEqual(enumRows[name]));
});
