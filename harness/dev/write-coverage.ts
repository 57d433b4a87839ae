// Writes the README of the specs: run as `npm run specs:readme`.
import fs from 'node:fs';
import { coverageTable } from '../../specs/catalogue/coverage';
import { specs } from '../../specs/index';

fs.writeFileSync('specs/catalogue/catalogue.md', coverageTable(specs));
