import * as React from 'react';

import type { Node } from '../../api/schema';
import type { Search } from '../../model/search';
import { List } from '../list';
import { Status } from '../status';
import { Time } from '../time';
import { useUi } from '../ui';

/**
 * The nodes, newest first.
 */
export function Nodes({ search }: { search: Search }): JSX.Element {
  const { store, trans } = useUi();
  return (
    <List
      label={trans.__('Nodes')}
      collection={store.nodes}
      search={search}
      empty={trans.__(
        'Right-click a code cell and choose “Deploy as node…”: it becomes a REST service, listed here.'
      )}
      unmatched={trans.__('No node matches the search.')}
      words={one => [one.name, one.description, one.status, one.id]}
      row={one => <NodeRow key={one.id} node={one} />}
    />
  );
}

function NodeRow({ node }: { node: Node }): JSX.Element {
  const { openNode, trans, words } = useUi();
  const reason = words.reason(node);
  return (
    <li className="jp-NodeDeploy-row">
      <button
        className="jp-NodeDeploy-open"
        onClick={() => openNode(node.id)}
        title={reason || undefined}
      >
        <span className="jp-NodeDeploy-title">{node.name}</span>
        {node.description && <span>{node.description}</span>}
        <span className="jp-NodeDeploy-facts">
          <Status status={node.status} reason={reason} />
          <span>
            {node.type === 'cell' ? trans.__('Cell') : trans.__('Docker')}
          </span>
          <Time at={node.created_at} />
        </span>
      </button>
    </li>
  );
}
