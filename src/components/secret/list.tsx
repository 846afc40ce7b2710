import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Secret } from '../../api/schema';
import type { Search } from '../../model/search';
import { useFolderNames } from '../hooks';
import { List } from '../list';
import { Time } from '../time';
import { useUi } from '../ui';

/**
 * The secrets by name; never their values.
 */
export function Secrets({ search }: { search: Search }): JSX.Element {
  const { store, trans } = useUi();
  const folderName = useFolderNames();
  React.useEffect(() => {
    void store.secrets.refresh();
  }, []);
  return (
    <List
      label={trans.__('Secrets')}
      collection={store.secrets}
      search={search}
      empty={trans.__(
        'Passwords and keys that nodes need: nodes get their values, nobody else does.'
      )}
      unmatched={trans.__('No secret matches the search.')}
      words={one => [one.name]}
      row={one => (
        <SecretRow
          key={`${one.folder}/${one.name}`}
          secret={one}
          folder={folderName(one.folder)}
        />
      )}
    />
  );
}

function SecretRow(props: { secret: Secret; folder: string }): JSX.Element {
  const { secrets, trans } = useUi();
  const { secret, folder } = props;
  const deleteLabel = trans.__('Delete %1', secret.name);
  return (
    <li className="jp-NodeDeploy-row">
      <button
        className="jp-NodeDeploy-open"
        title={trans.__('Set a new value')}
        onClick={() => void secrets.put(secret.folder, secret.name)}
      >
        <span className="jp-NodeDeploy-title">{secret.name}</span>
        <span className="jp-NodeDeploy-facts">
          {folder !== 'default' && <span>{folder}</span>}
          <Time at={secret.updated_at} />
        </span>
      </button>
      <button
        className="jp-NodeDeploy-pin"
        aria-label={deleteLabel}
        title={deleteLabel}
        onClick={() => void secrets.delete(secret)}
      >
        <closeIcon.react tag="span" />
      </button>
    </li>
  );
}
