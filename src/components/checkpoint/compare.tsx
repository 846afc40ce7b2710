import * as React from 'react';

import type { Checkpoint } from '../../api/schema';
import { differences } from '../../model/compare';
import { Select } from '../form/inputs';
import { useLoaded, useSignal } from '../hooks';
import { Empty } from '../rows';
import { useUi } from '../ui';
import { DiffView } from './diff-view';
import { operationWord } from './words';

/**
 * What is different in a checkpoint from another one, which the user chooses.
 */
export function Compare(props: { checkpoint: Checkpoint }): JSX.Element {
  const { store, trans } = useUi();
  useSignal(store.checkpoints.changed);
  const [other, setOther] = React.useState('');
  const others = (store.checkpoints.items ?? []).filter(
    one => one.id !== props.checkpoint.id
  );
  return (
    <>
      <Select
        label={trans.__('Compare with')}
        path="compare"
        value={other}
        onChange={setOther}
        options={[
          ['', trans.__('Choose a checkpoint')],
          ...others.map(one => {
            const title =
              one.name || one.first_line || operationWord(one.operation, trans);
            const time = new Date(1000 * one.created_at).toLocaleString();
            return [one.id, `${title} (${time})`] as [string, string];
          })
        ]}
      />
      {other && <Differences key={other} now={props.checkpoint} id={other} />}
    </>
  );
}

function Differences(props: { now: Checkpoint; id: string }): JSX.Element {
  const { store, trans } = useUi();
  const { value: before, error } = useLoaded('checkpoint', props.id, () =>
    store.client.checkpoints.get(props.id)
  );
  if (!before) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  const { now } = props;
  const found = differences(before.variables, now.variables);
  const words = {
    added: trans.__('added'),
    removed: trans.__('removed'),
    changed: trans.__('changed')
  };
  return (
    <>
      <h3>{trans.__('Cell code')}</h3>
      {before.code === now.code ? (
        <p>{trans.__('The same')}</p>
      ) : (
        <DiffView
          before={before.code}
          after={now.code}
          label={trans.__('Changes of the code')}
        />
      )}
      <h3>{trans.__('Variables')}</h3>
      {found.length === 0 ? (
        <p>{trans.__('The same')}</p>
      ) : (
        <div className="jp-NodeDeploy-scroll">
          <table className="jp-NodeDeploy-table">
            <thead>
              <tr>
                <th scope="col">{trans.__('Name')}</th>
                <th scope="col">{trans.__('Difference')}</th>
                <th scope="col">{trans.__('Before')}</th>
                <th scope="col">{trans.__('Here')}</th>
              </tr>
            </thead>
            <tbody>
              {found.map(one => (
                <tr key={one.name}>
                  <th scope="row">
                    <code>{one.name}</code>
                  </th>
                  <td>{words[one.kind]}</td>
                  <td>
                    <code className="jp-NodeDeploy-preview">
                      {one.before?.preview}
                    </code>
                  </td>
                  <td>
                    <code className="jp-NodeDeploy-preview">
                      {one.after?.preview}
                    </code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
