import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IEnvironmentDraft } from '../../model/form/environment';
import { emptyEnvironment } from '../../model/form/environment';
import { useUi } from '../ui';
import { bound } from './bound';
import { Wrong } from './field';
import { Fold } from './fold';
import { Check, Lines, Select, Text } from './inputs';
import { SecretField } from './secret';

interface IDraft {
  env: IEnvironmentDraft[];
  egress: boolean;
  mounts: string;
}

/**
 * What instances have around them: variables, the network, files of the machine.
 *
 * @param path - of the part in the API: `cell` or `docker`
 * @param missing - what the backend lacks, by feature
 */
export function Environment(props: {
  draft: IDraft;
  set: (change: Partial<IDraft>) => void;
  path: string;
  missing: Record<string, string>;
}): JSX.Element {
  const { trans } = useUi();
  const { draft, set, path, missing } = props;
  const id = React.useId();
  const { env } = draft;
  return (
    <Fold
      title={trans.__('Environment and network')}
      summary={trans._n('%1 variable', '%1 variables', env.length)}
      paths={[`${path}.env`, `${path}.egress`, `${path}.mounts`]}
    >
      <fieldset className="jp-NodeDeploy-radios" disabled={'env' in missing}>
        <legend>{trans.__('Environment variables')}</legend>
        {missing.env && <p className="jp-NodeDeploy-hint">{missing.env}</p>}
        {env.map((one, index) => (
          <Row
            key={one.key}
            draft={one}
            path={`${path}.env.${index}`}
            set={change =>
              set({
                env: env.map(old => (old === one ? { ...old, ...change } : old))
              })
            }
            onRemove={() => set({ env: env.filter(old => old !== one) })}
          />
        ))}
        <Wrong id={id} path={`${path}.env`} />
        <button
          type="button"
          className="jp-NodeDeploy-button"
          onClick={() => set({ env: [...env, emptyEnvironment()] })}
        >
          <addIcon.react tag="span" /> {trans.__('Add variable')}
        </button>
      </fieldset>
      <Check
        {...bound(draft, set, path)('egress')}
        label={trans.__('Allow instances to reach other machines')}
        unavailable={missing.egress}
      />
      <Lines
        {...bound(draft, set, path)('mounts')}
        label={trans.__('Mounts')}
        hint={trans.__(
          'Files and directories of this machine that instances see, one in a line: the absolute path, or SOURCE:TARGET. Read-only unless :rw stands behind it.'
        )}
        code
      />
    </Fold>
  );
}

function Row(props: {
  draft: IEnvironmentDraft;
  path: string;
  set: (change: Partial<IEnvironmentDraft>) => void;
  onRemove: () => void;
}): JSX.Element {
  const { trans } = useUi();
  const { draft, set, path } = props;
  const field = bound(draft, set, path);
  const removeLabel = trans.__('Remove %1', draft.name);
  const id = React.useId();
  return (
    <div
      className="jp-NodeDeploy-variable"
      role="group"
      aria-label={draft.name || trans.__('New variable')}
    >
      <Text {...field('name')} label={trans.__('Name')} code />
      <Select
        {...field('source')}
        label={trans.__('Source')}
        options={[
          ['value', trans.__('Value')],
          ['secret', trans.__('Secret')]
        ]}
      />
      {draft.source === 'secret' ? (
        <SecretField {...field('secret')} label={trans.__('Secret')} required />
      ) : (
        <Text {...field('value')} label={trans.__('Value')} code />
      )}
      <button
        type="button"
        className="jp-NodeDeploy-icon"
        aria-label={removeLabel}
        title={removeLabel}
        onClick={props.onRemove}
      >
        <closeIcon.react tag="span" />
      </button>
      <Wrong id={id} path={path} />
    </div>
  );
}
