// Reads a fault plan, which is YAML or JSON according to the schema. A mistake is reported in one sentence that names
// file, line and key.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Document } from 'yaml';
import { cri } from '../../proto/load';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';
import { parseYaml, yamlFault } from '../base/yaml-text';
import { contradiction, type FaultRule } from './rule';

/** A rule and its position in the plan, such as `plan.yaml:7`. */
export type PlannedRule = FaultRule & { readonly at?: string };

/** Functions that load the libraries. They are called with the first plan, because most fakes have no plan. */
const load = {
  ajv: (): typeof import('ajv/dist/2020') => require('ajv/dist/2020'),
  yaml: (): typeof import('yaml') => require('yaml'),
} as const;

let validator: ValidateFunction<FaultRule[]> | undefined;

function compiledSchema(): ValidateFunction<FaultRule[]> {
  const { Ajv2020 } = load.ajv();
  const schema: object = JSON.parse(readFileSync(path.join(__dirname, 'plan.schema.json'), 'utf8'));
  return new Ajv2020({ allowUnionTypes: true, verbose: true }).compile<FaultRule[]>(schema);
}

function criMethods(): ReadonlySet<string> {
  const { RuntimeService, ImageService } = cri();
  return new Set([...Object.keys(RuntimeService.service), ...Object.keys(ImageService.service)]);
}

type Path = readonly (string | number)[];

const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** Formats a path as `[2].do.abort.code`. */
const named = (where: Path) =>
  where.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');

/** Returns the offset in the text at which a value or a key begins. */
function offsetOf(document: Document, where: Path): number {
  const { isMap } = load.yaml();
  const parent = where.length > 0 ? document.getIn(where.slice(0, -1), true) : undefined;
  const key = where.at(-1);
  const pair = isMap(parent) ? parent.items.find(({ key: own }) => String(own) === key) : undefined;
  const node: unknown = pair?.key ?? document.getIn(where, true) ?? parent;
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? Number(range[0]) : 0;
}

/** Returns an error of the validator as a readable sentence. */
function sentence({ keyword, params, message, data }: ErrorObject): string {
  if (keyword === 'additionalProperties') return 'is not a known key here';
  if (keyword === 'enum') {
    const values: unknown = params['allowedValues'];
    return `is ${JSON.stringify(data)}, and must be one of ${Array.isArray(values) ? values.join(', ') : ''}`;
  }
  if (keyword === 'const') return `is ${JSON.stringify(data)}, and must be ${params['allowedValue']}`;
  if (keyword === 'required') return `lacks the key ${params['missingProperty']}`;
  return message ?? 'is wrong';
}

/**
 * Parses the text of a plan.
 * @param name the name of the text in error messages: a file, or the body of a request
 * @param hasLines whether error messages contain line numbers; false for a plan from code
 * @returns the rules with their positions
 * @throws UserError with one sentence about the first mistake
 */
export function readPlan(text: string, name: string, hasLines = true): PlannedRule[] {
  const { document, lines } = parseYaml(text);
  const placeOf = (offset: number) => (hasLines ? `${name}:${lines.linePos(offset).line}` : name);
  const fail = (offset: number, says: string) => new UserError(`${placeOf(offset)}: ${says}.`);
  const fault = yamlFault(document);
  if (fault) throw fail(fault.at, fault.says);
  const plan: unknown = document.toJS();
  validator ??= compiledSchema();
  const check = validator;
  if (!check(plan)) {
    const error = check.errors?.find(({ keyword }) => keyword !== 'if');
    const extra: unknown = error?.params['additionalProperty'];
    const where = [...pathOf(error?.instancePath ?? ''), ...(typeof extra === 'string' ? [extra] : [])];
    throw fail(offsetOf(document, where), `${named(where) || 'the plan'} ${error ? sentence(error) : 'is wrong'}`);
  }
  return plan.map((rule, index) => {
    const found = contradiction(rule, criMethods());
    if (found) {
      const where = [index, ...found.path];
      throw fail(offsetOf(document, where), `${named(where)} ${found.says}`);
    }
    return { ...rule, at: hasLines ? placeOf(offsetOf(document, [index])) : `${name}[${index}]` };
  });
}

/**
 * Reads a plan from a file.
 *
 * @throws UserError if the file cannot be read, or with one sentence about the first mistake in it
 */
export function readPlanFile(file: string): PlannedRule[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file}: the fault plan cannot be read (${errorCodeOrText(error)}): name an existing file.`);
  }
  return readPlan(text, file);
}
