import * as React from 'react';

import { useUi } from '../ui';
import { Select } from './inputs';

/**
 * The names of the secrets that the node may use, and the way to a new one.
 */
export interface ISecrets {
  names: string[];
  /** Asks for a new one; returns its name, or null when the user thinks better of it. */
  create(): Promise<string | null>;
}

export const SecretsContext = React.createContext<ISecrets>({
  names: [],
  create: async () => null
});

const NEW = '\n'; // no name of a secret

/**
 * The choice of a secret, or of none.
 */
export function SecretField(props: {
  label: string;
  path: string;
  required?: boolean;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  const { trans } = useUi();
  const { names, create } = React.useContext(SecretsContext);
  const { value, onChange } = props;
  const choose = async (chosen: string) => {
    if (chosen !== NEW) {
      onChange(chosen);
      return;
    }
    const made = await create();
    if (made) {
      onChange(made);
    }
  };
  const known = value && !names.includes(value) ? [value, ...names] : names;
  return (
    <Select
      {...props}
      onChange={chosen => void choose(chosen)}
      options={[
        ['', props.required ? trans.__('Choose a secret') : trans.__('None')],
        ...known.map(name => [name, name] as const),
        [NEW, trans.__('New secret…')]
      ]}
    />
  );
}
