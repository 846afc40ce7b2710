import type { TranslationBundle } from '@jupyterlab/translation';

import type { NodeCreate, Variable } from '../api/schema';
import type { IDraft, IVariableDraft } from './draft';

/**
 * Messages by the dotted path of the field, as the server names fields: `cell.inputs.0.schema`.
 */
export type FieldErrors = Record<string, string>;

const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * Reads the form. What cannot even be sent is an error here; the rest the server checks.
 */
export function specOf(
  draft: IDraft,
  trans: TranslationBundle
): { node: NodeCreate; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const need = (text: string, path: string) => {
    if (!text.trim()) {
      errors[path] = trans.__('Required');
    }
    return text.trim();
  };
  const named = (text: string, path: string, form: RegExp, rule: string) => {
    const name = need(text, path);
    if (name && !form.test(name)) {
      errors[path] = rule;
    }
    return name;
  };
  const number = (text: string, path: string) => {
    const value = Number(text.replace(',', '.'));
    if (!text.trim() || Number.isNaN(value)) {
      errors[path] = trans.__('Enter a number');
    }
    return value;
  };
  const json = (text: string, path: string) => {
    try {
      return JSON.parse(text);
    } catch (error) {
      errors[path] = trans.__('Not JSON: %1', (error as Error).message);
      return null;
    }
  };
  const variable = (one: IVariableDraft, path: string, input: boolean) => {
    const found: Partial<Variable> = {
      name: named(
        one.name,
        `${path}.name`,
        IDENTIFIER,
        trans.__('Not a name of a Python variable')
      ),
      type: one.type,
      description: one.description.trim(),
      schema: one.schema.trim() ? json(one.schema, `${path}.schema`) : null
    };
    if (input) {
      found.required = one.required;
      if (one.default.trim()) {
        found.default = json(one.default, `${path}.default`);
      }
    }
    return found as Variable;
  };
  if (draft.outputs.length === 0) {
    errors['cell.outputs'] = trans.__('Add at least one output variable');
  }
  const node: NodeCreate = {
    name: named(
      draft.name,
      'name',
      NAME,
      trans.__(
        'Use lower-case letters, digits and hyphens; begin with a letter, end with no hyphen'
      )
    ),
    type: 'cell',
    description: draft.description.trim(),
    folder: draft.folder || null,
    acl: draft.acl,
    docker: null,
    cell: {
      checkpoint: need(draft.checkpoint, 'cell.checkpoint'),
      inputs: draft.inputs.map((one, index) =>
        variable(one, `cell.inputs.${index}`, true)
      ),
      outputs: draft.outputs.map((one, index) =>
        variable(one, `cell.outputs.${index}`, false)
      ),
      requirements: lines(draft.requirements),
      files: lines(draft.files),
      image: draft.customImage
        ? {
            image: need(draft.image, 'cell.image.image'),
            username: draft.username.trim() || null,
            password_secret: draft.passwordSecret || null
          }
        : null,
      isolation: draft.isolation,
      workers: draft.workers.trim()
        ? number(draft.workers, 'cell.workers')
        : null,
      timeout: number(draft.timeout, 'cell.timeout'),
      queue: number(draft.queue, 'cell.queue'),
      allow_nan: draft.allowNan,
      show_traceback: draft.showTraceback,
      ...draft.kept
    },
    provisioning: {
      configuration: draft.configuration,
      instances: number(draft.instances, 'provisioning.instances'),
      zones: draft.zones.map(one => ({
        zone: one.zone,
        subnet: one.subnet.trim() || null
      })),
      maintenance_limit: number(
        draft.maintenanceLimit,
        'provisioning.maintenance_limit'
      )
    }
  };
  return { node, errors };
}

/**
 * The server's refusal by field; `cell.inputs[0].schema` and `node.cell…` are understood too.
 */
export function fieldErrors(
  details: { path?: string; message?: string }[]
): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message } of details) {
    if (path) {
      const field = path.replace(/\[(\d+)\]/g, '.$1').replace(/^node\./, '');
      errors[field] ??= message ?? '';
    }
  }
  return errors;
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
}
