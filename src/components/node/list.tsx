import * as React from 'react';

import type { Search } from '../../model/search';
import { useSignal } from '../hooks';
import { Empty, Rows } from '../rows';
import { Status } from '../status';
import { Time } from '../time';
import { useUi } from '../ui';

/**
 * The nodes, newest first, as the search leaves them.
 */
export function Nodes({ search }: { search: Search }): JSX.Element {
  const { openNode, store, trans } = useUi();
  useSignal(store.nodes.changed);
  useSignal(search.changed);
  const { items, error } = store.nodes;
  if (!items) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  if (items.length === 0) {
    return (
      <Empty>
        {trans.__(
          'Right-click a code cell and choose “Deploy as node…”: it becomes a REST service, listed here.'
        )}
      </Empty>
    );
  }
  const found = items.filter(one =>
    search.matches([one.name, one.description, one.status, one.id].join('\n'))
  );
  if (found.length === 0) {
    return <Empty>{trans.__('No node matches the search.')}</Empty>;
  }
  return (
    <Rows label={trans.__('Nodes')}>
      {found.map(node => (
        <li key={node.id} className="jp-NodeDeploy-row">
          <button
            className="jp-NodeDeploy-open"
            onClick={() => openNode(node.id)}
            title={node.reason || undefined}
          >
            <span className="jp-NodeDeploy-title">{node.name}</span>
            {node.description && <span>{node.description}</span>}
            <span className="jp-NodeDeploy-facts">
              <Status status={node.status} reason={node.reason} />
              <span>
                {node.type === 'cell' ? trans.__('Cell') : trans.__('Docker')}
              </span>
              <Time at={node.created_at} />
            </span>
          </button>
        </li>
      ))}
    </Rows>
  );
}
