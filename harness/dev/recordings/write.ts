// Writes the page of recordings. Run as `npm run recordings` in the directory of the sources.
import fs from 'node:fs';
import { recordingsPage } from './page';

fs.writeFileSync('specs/recordings.md', recordingsPage(process.cwd()));
