import { UUID } from '@lumino/coreutils';

import { DEFAULTS } from '../../api/defaults';
import type { Variable, VariableType } from '../../api/schema';
import type { Reader } from './reader';

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * A declared variable as it is typed; empty texts are none.
 */
export interface IVariableDraft {
  key: string;
  name: string;
  type: VariableType;
  required: boolean;
  description: string;
  default: string;
  schema: string;
  strict: boolean;
}

export function emptyVariable(): IVariableDraft {
  const { type, required, description, strict } = DEFAULTS.Variable;
  return {
    key: UUID.uuid4(),
    name: '',
    type,
    required,
    description,
    default: '',
    schema: '',
    strict
  };
}

export function variableDraft(one: Variable): IVariableDraft {
  return {
    ...emptyVariable(),
    name: one.name,
    type: one.type,
    required: one.required,
    description: one.description,
    strict: one.strict,
    default: 'default' in one ? JSON.stringify(one.default) : '',
    schema: one.schema ? JSON.stringify(one.schema, null, 2) : ''
  };
}

/**
 * @param input - whether it is one; outputs have no default and are never optional
 */
export function readVariable(
  draft: IVariableDraft,
  path: string,
  input: boolean,
  reader: Reader
): Variable {
  const found: Partial<Variable> = {
    name: reader.matching(
      draft.name,
      `${path}.name`,
      IDENTIFIER,
      reader.trans.__('Not a name of a Python variable')
    ),
    type: draft.type,
    description: draft.description.trim(),
    strict: draft.strict,
    schema: draft.schema.trim()
      ? (reader.json(draft.schema, `${path}.schema`) as Variable['schema'])
      : null
  };
  if (input) {
    found.required = draft.required;
    if (draft.default.trim()) {
      found.default = reader.json(draft.default, `${path}.default`);
    }
  }
  return found as Variable;
}
