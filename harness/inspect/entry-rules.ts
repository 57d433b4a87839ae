// Rules about names, kinds, modes and places of entries, whatever is in them.
import path from 'node:path';
import type { Findings } from './findings';
import { LINK, linksOutside } from './links';
import type { Entry } from './tar-scan';

const REQUIRED = ['config.dump', 'spec.dump', 'checkpoint/', 'checkpoint/inventory.img', 'checkpoint/pstree.img'];
/** Metadata that the runtimes keep to their user: it holds what containers are configured with. */
const PRIVATE = new Set(['checkpoint/', 'config.dump', 'status', 'status.dump', 'bind.mounts', 'dump.log']);
const GROUP_AND_OTHERS = 0o077;
/** Set-id bits, and the right of all to write. */
const HARMFUL = 0o6002;
const KINDS = '01257';
const octal = (mode: number) => mode.toString(8).padStart(4, '0');

/** A directory's name ends in a slash, however the archive writes it. */
export function canonicalName({ name, type }: Entry): string {
  return type === '5' && !name.endsWith('/') ? `${name}/` : name;
}

function checkName(entry: Entry, findings: Findings): void {
  const { name } = entry;
  if (name === '') findings.add('tar/header', 'an entry has no name', name);
  if (name.startsWith('/')) findings.add('name/absolute', 'the name is absolute', name);
  if (name.split('/').includes('..'))
    findings.add('name/parent', 'the name leads out of the directory of unpacking', name);
}

function checkMode(entry: Entry, findings: Findings): void {
  const { name, mode, type } = entry;
  if (type === LINK) return;
  if ((mode & HARMFUL) !== 0) findings.add('mode/entry', `its mode is ${octal(mode)}`, name);
  else if (PRIVATE.has(canonicalName(entry)) && (mode & GROUP_AND_OTHERS) !== 0)
    findings.add('mode/entry', `its mode is ${octal(mode)}: others than the owner may read it`, name);
}

function checkPlaces(names: ReadonlySet<string>, entries: readonly Entry[], findings: Findings): void {
  const missing = REQUIRED.filter((name) => !names.has(name));
  const base = (name: string) => path.posix.basename(name);
  for (const name of missing) {
    const elsewhere = entries.find((entry) => base(entry.name) === base(name));
    if (elsewhere) findings.add('entry/misplaced', `it belongs at ${name}`, elsewhere.name);
    else findings.add('entry/missing', 'it is not in the archive', name);
  }
  const stray = entries.filter(({ name }) => name.endsWith('.img') && !name.startsWith('checkpoint/'));
  for (const { name } of stray)
    if (!missing.some((one) => base(one) === base(name)))
      findings.add('entry/misplaced', 'images belong into checkpoint/', name);
}

/** Checks all entries; the archive's own permission bits too. */
export function checkEntries(entries: readonly Entry[], archiveMode: number, findings: Findings): void {
  if ((archiveMode & GROUP_AND_OTHERS) !== 0)
    findings.add('mode/archive', `its mode is ${octal(archiveMode)}; the memory of the container is for its owner`);
  const names = new Set<string>();
  for (const entry of entries) {
    const name = canonicalName(entry);
    if (names.has(name)) findings.add('name/duplicate', 'the name was there before', entry.name);
    names.add(name);
    if (!KINDS.includes(entry.type)) findings.add('entry/type', `it is of type ${entry.type}`, entry.name);
    checkName(entry, findings);
    checkMode(entry, findings);
  }
  for (const { name, linkTarget } of linksOutside(entries))
    findings.add('link/outside', `the link points to ${linkTarget}`, name);
  checkPlaces(names, entries, findings);
}
