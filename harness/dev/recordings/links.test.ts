// Tests that every source of a rule has a working link, and that the page of recordings is up to date.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { anchorOf } from '../../../specs/catalogue/sources';
import { specs } from '../../../specs/index';
import { recordingsPage } from './page';

const root = path.join(__dirname, '../../..');
const sources = specs.map(({ id, source }) => ({ id, source }));
const isLocal = (link: string) => !/^[a-z]+:/i.test(link);

/** The web pages that rules link to, with their anchors and the text at each anchor. */
const REMOTE: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  fs.readFileSync(path.join(root, 'specs/catalogue/testdata/remote-anchors.json'), 'utf8'),
);

/** Returns the anchors of a Markdown page: the anchors of its headings, and explicit anchors. */
function anchorsIn(page: string): ReadonlySet<string> {
  const text = fs.readFileSync(path.join(root, page), 'utf8');
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
  const own = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, anchor = '']) => anchor);
  return new Set([...headings, ...own]);
}

test('specs/recordings.md is up to date (npm run recordings)', () => {
  expect(fs.readFileSync(path.join(root, 'specs/recordings.md'), 'utf8')).toBe(recordingsPage(root));
});

describe('the source of every rule', () => {
  const local = new Map<string, ReadonlySet<string>>();

  test('leads to a section of a page of this project, or to a page on the web', () => {
    expect(sources.filter(({ source }) => !/^(https:\/\/|specs\/\S+\.md#\S+$)/.test(source.link))).toEqual([]);
  });

  test.each(sources.filter(({ source }) => isLocal(source.link)))('$id: the page has the section', ({ source }) => {
    const [page = '', anchor = ''] = source.link.split('#');
    const anchors = local.get(page) ?? anchorsIn(page);
    local.set(page, anchors);
    expect([...anchors]).toContain(anchor);
  });

  test.each(sources.filter(({ source }) => !isLocal(source.link)))('$id: the anchor is known', ({ source }) => {
    const [page = '', anchor] = source.link.split('#');
    expect(Object.keys(REMOTE)).toContain(page);
    if (anchor !== undefined) expect(Object.keys(REMOTE[page] ?? {})).toContain(anchor);
  });

  test.each(sources.filter(({ source }) => source.document === 'CRI API v1'))(
    '$id: the lines are those of the call, message or field',
    ({ source }) => {
      const [page = '', anchor = ''] = source.link.split('#');
      const [name = '', field] = source.id.split('.');
      // The API definition has the three timestamps of a container in one line, which ends with `finished_at`.
      expect(REMOTE[page]?.[anchor]).toContain(field === 'created_at' ? 'finished_at' : (field ?? name));
    },
  );
});
