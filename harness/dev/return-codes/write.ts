// Writes the page of return codes. Run as `npm run return-codes` in the directory of the sources.
import fs from 'node:fs';
import { returnCodesPage } from './page';

void returnCodesPage(process.cwd()).then((page) => fs.writeFileSync('specs/return-codes.md', page));
