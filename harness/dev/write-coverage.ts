// Writes the catalogue page. Run as `npm run specs:catalogue`.
import fs from 'node:fs';
import { coverageTable } from '../../specs/catalogue/coverage';
import { specs } from '../../specs/index';

fs.writeFileSync('specs/catalogue/catalogue.md', coverageTable(specs));
