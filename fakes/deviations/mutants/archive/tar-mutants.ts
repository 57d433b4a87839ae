// Defines runtimes whose archives are not well-formed tar files.
import { type DeviationTable, deviations } from '../../deviation';
import {
  halfEndMark,
  rewrittenTar,
  withOutsideLink,
  withoutEndMark,
  withTrailingBytes,
  wrongChecksum,
} from '../../effects/tar-forms';

const table: DeviationTable = {
  'archive-outside-link': ['Adds a link to a file of the host', () => rewrittenTar(withOutsideLink)],
  'archive-goes-on-behind-its-end': [
    'Writes more bytes after the end of the archive',
    () => rewrittenTar(withTrailingBytes),
  ],
  'archive-without-end-mark': ['Leaves out the two blocks that end an archive', () => rewrittenTar(withoutEndMark)],
  'archive-with-half-an-end-mark': ['Ends the archive with one block of zeros', () => rewrittenTar(halfEndMark)],
  'archive-wrong-checksum': ['Writes a wrong checksum into a header', () => rewrittenTar(wrongChecksum)],
};

export const tarMutants = deviations('mutant', table);
