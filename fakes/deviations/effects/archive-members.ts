// Makes effects that change an archive's members before they are written.
import type { ArchiveEntry } from '../../archive/job';
import type { Effects } from '../deviation';

type Members = readonly ArchiveEntry[];

/** Returns the content of a member, even if it is generated while it is written. */
export const memberBytes = ({ content }: ArchiveEntry): Buffer =>
  Buffer.isBuffer(content) ? content : Buffer.concat([...(content?.() ?? [])]);

/** Returns a copy of a member with different content. */
export const memberWith = (entry: ArchiveEntry, content: Buffer): ArchiveEntry => ({
  ...entry,
  content,
  size: content.length,
});

/** Makes an effect that changes the list of members. */
export const changedMembers = (change: (entries: Members) => Members): Effects => ({
  archive: (job, next) => next({ ...job, entries: change(job.entries) }),
});

/** Makes an effect that adds a member of one byte. */
export const extraMember = (name: string): Effects =>
  changedMembers((entries) => [...entries, { name, mode: 0o600, size: 1, content: Buffer.from('x') }]);

/** Makes an effect that removes members. */
export const withoutMembers = (isLeftOut: (name: string, all: Members) => boolean): Effects =>
  changedMembers((entries) => entries.filter(({ name }) => !isLeftOut(name, entries)));

/** Makes an effect that changes every member whose name matches. */
export const eachMember = (name: RegExp, change: (entry: ArchiveEntry) => ArchiveEntry): Effects =>
  changedMembers((entries) => entries.map((entry) => (name.test(entry.name) ? change(entry) : entry)));

/** Makes an effect that changes the content of the first member whose name matches. */
export const firstMember = (name: RegExp, change: (bytes: Buffer) => Buffer): Effects =>
  changedMembers((entries) => {
    const found = entries.find((entry) => name.test(entry.name));
    return entries.map((entry) => (entry === found ? memberWith(entry, change(memberBytes(entry))) : entry));
  });

/** Makes an effect that changes keys of the JSON object in a member. */
export const jsonMember = (
  name: string,
  change: (value: Record<string, unknown>) => Record<string, unknown>,
): Effects =>
  firstMember(new RegExp(`^${name.replaceAll('.', '\\.')}$`), (bytes) => {
    const value: Record<string, unknown> = JSON.parse(bytes.toString());
    return Buffer.from(JSON.stringify({ ...value, ...change(value) }));
  });
