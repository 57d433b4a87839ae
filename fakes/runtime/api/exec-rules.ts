// Answers of ExecSync that a test lays down beforehand.
import type { Container } from '../state/store';

export interface ExecRule {
  /** All that is given must fit; the command with all of its arguments. */
  readonly match?: {
    readonly namespace?: string;
    readonly pod?: string;
    readonly container?: string;
    readonly command?: readonly string[];
  };
  readonly stdout?: string;
  readonly stderr?: string;
  /** Default: 0. */
  readonly exitCode?: number;
  /** How long the command runs (milliseconds, default 0). */
  readonly milliseconds?: number;
}

/** The rules in force; the first one that fits counts. */
export class ExecRules {
  rules: readonly ExecRule[];

  constructor(rules: readonly ExecRule[] = []) {
    this.rules = rules;
  }

  find({ config, sandbox }: Container, command: readonly string[]): ExecRule | undefined {
    const pod = sandbox.config.metadata;
    return this.rules.find(({ match = {} }) => {
      const fits = (asked: string | undefined, value: string | undefined) => asked === undefined || asked === value;
      const sameCommand =
        !match.command ||
        (match.command.length === command.length && match.command.every((word, index) => word === command[index]));
      return (
        fits(match.namespace, pod?.namespace) &&
        fits(match.pod, pod?.name) &&
        fits(match.container, config.metadata?.name) &&
        sameCommand
      );
    });
  }
}
