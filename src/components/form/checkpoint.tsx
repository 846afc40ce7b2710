import * as React from 'react';

import type { CheckpointSummary } from '../../api/schema';
import type { ICellDraft } from '../../model/form/cell';
import { Action } from '../part';
import { useUi } from '../ui';
import { Select } from './inputs';
import type { IOptions } from './options';

/**
 * The pinned checkpoint that the node is made from.
 */
export function CheckpointField(props: {
  draft: ICellDraft;
  set: (change: Partial<ICellDraft>) => void;
  options: IOptions;
  filledFrom?: string;
  fillIn: (checkpoint: string) => Promise<void>;
}): JSX.Element {
  const { trans } = useUi();
  const { draft, options } = props;
  const choices = options.pinned.map(
    one => [one.id, one.name ?? one.id] as [string, string]
  );
  if (!choices.some(([id]) => id === draft.checkpoint)) {
    const name = draft.checkpoint || trans.__('Choose a pinned checkpoint');
    choices.unshift([draft.checkpoint, name]);
  }
  const chosen = options.pinned.find(one => one.id === draft.checkpoint);
  return (
    <div className="jp-NodeDeploy-beside">
      <Select
        label={trans.__('Checkpoint')}
        path="cell.checkpoint"
        required
        hint={
          options.pinned.length === 0
            ? trans.__(
                'Only pinned checkpoints can become nodes: pin one first.'
              )
            : chosen && origin(chosen)
        }
        value={draft.checkpoint}
        onChange={checkpoint => props.set({ checkpoint })}
        options={choices}
      />
      {draft.checkpoint && draft.checkpoint !== props.filledFrom && (
        <Action
          label={trans.__('Fill in from it')}
          onClick={() => props.fillIn(draft.checkpoint)}
        />
      )}
    </div>
  );
}

/**
 * Which run a checkpoint is of: notebook, number beside the cell, time.
 */
function origin(checkpoint: CheckpointSummary): string {
  const { created_at, execution_count, notebook } = checkpoint;
  const time = new Date(1000 * created_at).toLocaleString();
  const cell = execution_count === null ? '' : `[${execution_count}]`;
  return [notebook, cell, time].filter(Boolean).join(' ');
}
