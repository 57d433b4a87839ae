// Finds unusual names, types, modes and paths of members that no rule of the suite covers.
import path from 'node:path';
import { type Archive, GVISOR } from '../../specs/archive-file/reader';
import type { TarMember } from '../../specs/archive-file/tar-walk';
import type { Findings } from './findings';
import type { ArchiveKind } from './inspection';

/**
 * Members that every checkpoint has. config.dump, spec.dump and the inventory are not in this list, because rules of
 * the suite require them.
 */
const REQUIRED = ['checkpoint/', 'checkpoint/pstree.img'];
const PLACES = ['config.dump', 'spec.dump', 'checkpoint/inventory.img', ...REQUIRED];
/** Members that only their owner should be able to read, because they contain the configuration of the container. */
const PRIVATE = new Set(['checkpoint/', 'config.dump', 'status', 'status.dump', 'bind.mounts', 'dump.log']);
const GROUP_AND_OTHERS = 0o077;
/** The set-user-id and set-group-id bits, and write permission for all users. */
const HARMFUL = 0o6002;
/** Matches the paths of the directories for CRIU images. */
const IMAGES = /^(pre-)?checkpoint\//;
const SYMBOLIC_LINK = '2';
const KINDS = '01257';
const octal = (mode: number) => mode.toString(8).padStart(4, '0');
const base = (name: string) => path.posix.basename(name);

function checkMode({ name, path: at, mode, type }: TarMember, findings: Findings): void {
  if (type === SYMBOLIC_LINK) return;
  if ((mode & HARMFUL) !== 0) findings.add('inspect/member-mode', `the mode of ${name} is ${octal(mode)}`, name);
  else if (PRIVATE.has(at) && (mode & GROUP_AND_OTHERS) !== 0)
    findings.add('inspect/member-mode', `the mode of ${name} is ${octal(mode)}, so others can read it`, name);
}

function checkPlaces(archive: Archive, findings: Findings): void {
  const byBase = new Map(archive.members.map((member) => [base(member.path), member.name]));
  const missing = PLACES.filter((name) => !archive.member(name));
  for (const name of missing) {
    const elsewhere = byBase.get(base(name));
    if (elsewhere !== undefined) findings.add('inspect/misplaced-member', `${elsewhere} belongs at ${name}`, elsewhere);
    else if (REQUIRED.includes(name)) findings.add('inspect/missing-member', `${name} is not in the archive`, name);
  }
  for (const { path: at, name } of archive.members)
    if (at.endsWith('.img') && !IMAGES.test(at) && !missing.some((one) => base(one) === base(at)))
      findings.add('inspect/misplaced-member', `${name} is an image, which belongs into checkpoint/`, name);
}

/** Returns the kind of an archive. Adds a finding if the archive has no CRIU images. */
export function checkKind(archive: Archive, findings: Findings): ArchiveKind {
  if (archive.hasImages) return 'container';
  const { members } = archive;
  const gvisor = members.find(({ path: at }) => GVISOR.test(at));
  if (gvisor) {
    const sentence = `${gvisor.name} is in gVisor's own format, not CRIU's: processes and memory are not shown`;
    findings.add('inspect/gvisor', sentence, gvisor.name);
    return 'gvisor';
  }
  if (members.some(({ path: at }) => at.startsWith('pre-checkpoint/') && at.endsWith('.img'))) {
    const sentence = 'this is a pre-checkpoint: memory only, made to be followed by a checkpoint';
    findings.add('inspect/pre-checkpoint', sentence);
    return 'pre-checkpoint';
  }
  const sentence = 'it has no CRIU images: this is not a checkpoint of containerd, CRI-O or Podman';
  // Add no finding for a damaged archive, which may have lost its images.
  if (archive.defects.length === 0) findings.add('inspect/no-criu-images', sentence);
  return 'unknown';
}

/** Checks all members of an archive, and adds findings. */
export function checkMembers(archive: Archive, findings: Findings): void {
  for (const { kind, sentence } of archive.defects)
    if (kind === 'limit') findings.add('inspect/too-many-members', sentence);
  for (const member of archive.members) {
    const { name, type } = member;
    if (name === '') findings.add('inspect/member-name', 'a member has no name', name);
    if (!KINDS.includes(type))
      findings.add(
        'inspect/member-type',
        `${name} is of type ${type}; a checkpoint has files, directories and links`,
        name,
      );
    checkMode(member, findings);
  }
  if (archive.hasImages && !archive.isCut) checkPlaces(archive, findings);
}
