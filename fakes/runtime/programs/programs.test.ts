// Tests that the README lists exactly the simulated programs.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { PROGRAM_NAMES } from './programs';

test('the README lists every program, and no other', () => {
  const readme = fs.readFileSync(path.join(__dirname, 'README.md'), 'utf8');
  const [, list = ''] = /`program-context\.ts`\):(.*?)\. Messages/s.exec(readme) ?? [];
  const listed = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...PROGRAM_NAMES].sort());
});
