// Tests that a failed attempt marks the calls that its violation is about.
import { expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { Violation } from '../../specs/subject/expect';
import type { Spec } from '../../specs/subject/spec';
import type { SpecSubject, Target } from '../targets/target';
import { attempt } from './attempt';

const EXCHANGES = ['StartContainer {}', 'CheckpointContainer {"container_id":"one"}', 'ContainerStatus {}'];

const EVENTS = { removal: () => {}, onlyWaits: () => {} };

const never = (): never => {
  throw new Error('the rule of this test does not use it');
};

const target: Target = {
  description: { kubelet: '', runtime: '', lacks: {} },
  lacks: () => undefined,
  subject: (): SpecSubject => ({
    ...{
      node: never,
      elsewhere: never,
      until: never,
      unanswered: () => undefined,
      onlyWaits: () => {},
      archivesFrom: 'runtime',
    },
    get runtime() {
      return never();
    },
    exchanges: EXCHANGES.map((sent) => ({ wire: 'CRI', sent, came: '{"ok":true}' })),
    async [Symbol.asyncDispose]() {},
  }),
  async [Symbol.asyncDispose]() {},
};

const [any] = specs;
const ruleThatThrows = (error: Error): Spec => {
  if (!any) throw new Error('there are no rules');
  return { ...any, needs: [], check: () => Promise.reject(error) };
};

test.each<[about: readonly string[] | undefined, marked: readonly string[]]>([
  [undefined, ['CheckpointContainer {"container_id":"one"}']],
  [
    ['StartContainer ', 'Status '],
    ['StartContainer {}', 'ContainerStatus {}'],
  ],
  [['no such call'], []],
])('a violation about %j marks %j', async (about, marked) => {
  const violation = new Violation('mode', 'a mode such as 0600', 'Others can read the archive', about);
  const { reason, exchanges = [] } = await attempt(ruleThatThrows(violation), target, { timeoutSeconds: 5 }, EVENTS);
  expect(reason).toBe('Others can read the archive (expected: a mode such as 0600)');
  expect(exchanges.filter(({ matters }) => matters).map(({ sent }) => sent)).toEqual(marked);
});
