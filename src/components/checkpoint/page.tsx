import * as React from 'react';

import type { Checkpoint } from '../../api/schema';
import { bytes } from '../../model/size';
import { CodeView } from '../code-view';
import { useLoaded } from '../hooks';
import { OutputView } from '../output-view';
import { Action, Part } from '../part';
import { Empty } from '../rows';
import { Time } from '../time';
import { useUi } from '../ui';
import { Compare } from './compare';
import { VariableTable } from './variables';
import { operationWord } from './words';

/**
 * A checkpoint: its code, outputs and variables, and what can be done with it.
 */
export function CheckpointPage(props: {
  id: string;
  onTitle: (title: string) => void;
  onGone: () => void;
}): JSX.Element {
  const { store, trans } = useUi();
  const { value, error } = useLoaded('checkpoint', props.id, () =>
    store.client.checkpoints.get(props.id)
  );
  React.useEffect(() => {
    if (value) {
      props.onTitle(
        value.name || value.first_line || operationWord(value.operation, trans)
      );
    }
  }, [value]);
  if (!value) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  return (
    <main className="jp-NodeDeploy-page">
      <Head checkpoint={value} onGone={props.onGone} />
      {error && <p className="jp-NodeDeploy-notice">{error}</p>}
      <Part title={trans.__('Cell code')}>
        {value.code ? (
          <CodeView code={value.code} label={trans.__('Cell code')} />
        ) : (
          <Empty>{trans.__('This checkpoint is not of a cell.')}</Empty>
        )}
      </Part>
      <Part title={trans.__('Outputs')}>
        {value.outputs.length ? (
          <OutputView outputs={value.outputs} />
        ) : (
          <Empty>{trans.__('The cell showed nothing.')}</Empty>
        )}
      </Part>
      <Part title={trans.__('Variables')}>
        <VariableTable variables={value.variables} />
      </Part>
      <Part title={trans.__('Compare')}>
        <Compare checkpoint={value} />
      </Part>
    </main>
  );
}

function Head(props: {
  checkpoint: Checkpoint;
  onGone: () => void;
}): JSX.Element {
  const { checkpoints, openForm, trans } = useUi();
  const { checkpoint } = props;
  const remove = async () => {
    if (await checkpoints.delete(checkpoint)) {
      props.onGone();
    }
  };
  return (
    <header className="jp-NodeDeploy-pageHead">
      <div>
        <h1>
          {checkpoint.name ||
            checkpoint.first_line ||
            operationWord(checkpoint.operation, trans)}
        </h1>
        <p className="jp-NodeDeploy-facts">
          <span>{operationWord(checkpoint.operation, trans)}</span>
          {checkpoint.execution_count && (
            <span>[{checkpoint.execution_count}]</span>
          )}
          {checkpoint.notebook && <span>{checkpoint.notebook}</span>}
          <Time at={checkpoint.created_at} />
          <span>{bytes(checkpoint.size)}</span>
          {checkpoint.pinned_by && (
            <span>{trans.__('pinned by %1', checkpoint.pinned_by)}</span>
          )}
          {checkpoint.status === 'error' && (
            <span className="jp-NodeDeploy-raised">
              {trans.__('The cell raised an error')}
            </span>
          )}
        </p>
      </div>
      <div
        className="jp-NodeDeploy-actions"
        role="toolbar"
        aria-label={trans.__('Checkpoint')}
      >
        {checkpoint.pinned ? (
          <Action
            label={trans.__('Unpin')}
            onClick={() => checkpoints.unpin(checkpoint)}
          />
        ) : (
          <Action
            label={trans.__('Pin')}
            onClick={() => checkpoints.pin(checkpoint)}
          />
        )}
        <Action
          label={trans.__('Apply')}
          title={trans.__('Put its variables back into the kernel')}
          onClick={() => checkpoints.apply(checkpoint)}
        />
        <Action label={trans.__('Delete')} look="warn" onClick={remove} />
        <Action
          label={trans.__('Deploy…')}
          look="accept"
          onClick={() => openForm(checkpoint.id)}
        />
      </div>
    </header>
  );
}
