import { UUID } from '@lumino/coreutils';

import type { EnvironmentVariable } from '../../api/schema';
import type { Reader } from './reader';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A variable of the instances' environment as it is typed: with a value, or with a secret's name.
 */
export interface IEnvironmentDraft {
  key: string;
  name: string;
  source: 'value' | 'secret';
  value: string;
  secret: string;
}

export function emptyEnvironment(): IEnvironmentDraft {
  return {
    key: UUID.uuid4(),
    name: '',
    source: 'value',
    value: '',
    secret: ''
  };
}

export function environmentDraft(one: EnvironmentVariable): IEnvironmentDraft {
  return {
    ...emptyEnvironment(),
    name: one.name,
    source: one.secret === null ? 'value' : 'secret',
    value: one.value ?? '',
    secret: one.secret ?? ''
  };
}

export function readEnvironment(
  draft: IEnvironmentDraft,
  path: string,
  reader: Reader
): EnvironmentVariable {
  const secret = draft.source === 'secret';
  return {
    name: reader.matching(
      draft.name,
      `${path}.name`,
      NAME,
      reader.trans.__('Use Latin letters, digits and underscores')
    ),
    value: secret ? null : draft.value,
    secret: secret ? reader.text(draft.secret, `${path}.secret`) : null
  };
}
