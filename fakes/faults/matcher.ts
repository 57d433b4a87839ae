// Which rule a call meets: one matcher for all wires, and the count of what was used.
import type { Facts, Subject } from './facts';
import type { PlannedRule } from './read-plan';
import { type Action, actionOf, type FaultWire, wireOf } from './rule';

/** A rule with what has become of it. */
export interface RuleReport {
  readonly rule: PlannedRule;
  /** Calls that fit the rule, but for their number. */
  readonly seen: number;
  readonly used: number;
}

const SUBJECTS: readonly Subject[] = ['namespace', 'pod', 'container', 'image'];

/** Words with `*` for any number of characters. */
function fits(pattern: string | undefined, value: () => string | undefined): boolean {
  if (pattern === undefined) return true;
  const found = value();
  if (found === undefined) return false;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return found === first;
  if (!found.startsWith(first) || found.length < first.length + last.length || !found.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const next = found.indexOf(part, at);
    if (next < 0 || next + part.length > found.length - last.length) return false;
    at = next + part.length;
  }
  return true;
}

class Rule {
  readonly wire: FaultWire;
  seen = 0;
  used = 0;

  constructor(readonly rule: PlannedRule) {
    this.wire = wireOf(rule);
  }

  fits({ method, of }: Facts): boolean {
    const { match = {}, do: action } = this.rule;
    // What concerns the container behind an archive concerns no other call.
    const implied = typeof action === 'object' && action.archive ? 'CheckpointContainer' : undefined;
    return fits(match.method ?? implied, () => method) && SUBJECTS.every((key) => fits(match[key], () => of(key)));
  }

  get usable(): boolean {
    const { times = 1, match } = this.rule;
    return (times === 'always' || this.used < times) && (match?.call === undefined || match.call === this.seen);
  }
}

export class Matcher {
  #rules: readonly Rule[] = [];

  /** Takes the place of all rules; counts begin anew. */
  set(rules: readonly PlannedRule[]): void {
    this.#rules = rules.map((rule) => new Rule(rule));
  }

  /** The action of the first rule of a wire that fits and is not used up, which it now is once more. */
  take(wire: FaultWire, facts: () => Facts): Action | undefined {
    const candidates = this.#rules.filter((rule) => rule.wire === wire);
    if (candidates.length === 0) return undefined;
    const known = facts();
    const fitting = candidates.filter((rule) => rule.fits(known));
    for (const rule of fitting) rule.seen += 1;
    const taken = fitting.find(({ usable }) => usable);
    if (!taken) return undefined;
    taken.used += 1;
    return actionOf(taken.rule);
  }

  get report(): readonly RuleReport[] {
    return this.#rules.map(({ rule, seen, used }) => ({ rule, seen, used }));
  }
}
