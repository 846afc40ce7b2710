import * as React from 'react';

import type { Node, Revision } from '../../api/schema';
import { useLoaded } from '../hooks';
import { Action } from '../part';
import { Empty } from '../rows';
import { Time } from '../time';
import { useUi } from '../ui';

/**
 * The node's versions, newest first: what changed, and the way back.
 */
export function Revisions({ node }: { node: Node }): JSX.Element {
  const { nodes, store, trans, words } = useUi();
  const { value, error } = useLoaded('node', node.id, () =>
    store.client.nodes.revisions(node.id)
  );
  if (!value) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  return (
    <div className="jp-NodeDeploy-scroll">
      <table className="jp-NodeDeploy-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Revision')}</th>
            <th scope="col">{trans.__('Created')}</th>
            <th scope="col">{trans.__('Changed')}</th>
            <th scope="col">
              <span className="jp-NodeDeploy-hidden">
                {trans.__('Actions')}
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {value.map((one, index) => (
            <tr key={one.number}>
              <th scope="row">
                {one.number}
                {one.number === node.revision && (
                  <span className="jp-NodeDeploy-hint">
                    {' '}
                    {trans.__('current')}
                  </span>
                )}
              </th>
              <td>
                <Time at={one.created_at} />
              </td>
              <td>
                {changes(one, value[index + 1]).join(', ') ||
                  (value[index + 1]
                    ? trans.__('Nothing')
                    : trans.__('The first one'))}
                {one.reason && (
                  <div className="jp-NodeDeploy-raised">
                    {words.reason(one)}
                  </div>
                )}
              </td>
              <td>
                {one.number !== node.revision && (
                  <Action
                    label={trans.__('Roll back')}
                    onClick={() => nodes.rollback(node, one.number)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/**
 * Names of the settings in which a revision differs from the one before it.
 */
function changes(one: Revision, before?: Revision): string[] {
  if (!before) {
    return [];
  }
  return (['cell', 'docker', 'provisioning'] as const).flatMap(part => {
    const now = (one[part] ?? {}) as Record<string, unknown>;
    const then = (before[part] ?? {}) as Record<string, unknown>;
    const names = new Set([...Object.keys(now), ...Object.keys(then)]);
    return [...names].filter(
      name => JSON.stringify(now[name]) !== JSON.stringify(then[name])
    );
  });
}
