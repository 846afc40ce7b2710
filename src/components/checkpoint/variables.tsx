import * as React from 'react';

import type { SavedVariable } from '../../api/schema';
import { bytes } from '../../model/size';
import { Empty } from '../rows';
import { useUi } from '../ui';

/**
 * The saved variables, and those that could not be saved with the reason.
 */
export function VariableTable(props: {
  variables: SavedVariable[];
}): JSX.Element {
  const { trans } = useUi();
  if (props.variables.length === 0) {
    return <Empty>{trans.__('The kernel had no variables.')}</Empty>;
  }
  return (
    <div className="jp-NodeDeploy-scroll">
      <table className="jp-NodeDeploy-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Type')}</th>
            <th scope="col">{trans.__('Size')}</th>
            <th scope="col">{trans.__('Value')}</th>
          </tr>
        </thead>
        <tbody>
          {props.variables.map(one => (
            <tr key={one.name}>
              <th scope="row">
                <code>{one.name}</code>
              </th>
              <td>
                {one.type}
                {one.shape && (
                  <span className="jp-NodeDeploy-hint"> {one.shape}</span>
                )}
              </td>
              <td>{one.reason ? '–' : bytes(one.size)}</td>
              <td>
                {one.reason ? (
                  <span className="jp-NodeDeploy-raised">
                    {trans.__('Not saved: %1', one.reason)}
                  </span>
                ) : (
                  <code className="jp-NodeDeploy-preview">{one.preview}</code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
