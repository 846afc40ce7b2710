import { PathExt } from '@jupyterlab/coreutils';
import * as React from 'react';

import type { CheckpointSummary } from '../../api/schema';
import { pinIcon } from '../../icons';
import { Time } from '../time';
import { useUi } from '../ui';
import { operationWord } from './words';

/**
 * One checkpoint in the list: a click opens it, the pin at its right pins it.
 */
export function CheckpointRow(props: {
  checkpoint: CheckpointSummary;
}): JSX.Element {
  const { checkpoints, openCheckpoint, trans } = useUi();
  const { checkpoint } = props;
  const pinned = checkpoint.pinned;
  const pinLabel = pinned
    ? trans.__('Pinned as %1. Unpin', checkpoint.name ?? '')
    : trans.__('Pin');
  return (
    <li className="jp-NodeDeploy-row">
      <button
        className="jp-NodeDeploy-open"
        onClick={() => openCheckpoint(checkpoint.id)}
        title={checkpoint.notebook ?? undefined}
      >
        <span className="jp-NodeDeploy-title">
          {checkpoint.name ||
            checkpoint.first_line ||
            operationWord(checkpoint.operation, trans)}
        </span>
        {checkpoint.name && checkpoint.first_line && (
          <code className="jp-NodeDeploy-code">{checkpoint.first_line}</code>
        )}
        <span className="jp-NodeDeploy-facts">
          {checkpoint.status === 'error' && (
            <span className="jp-NodeDeploy-raised">{trans.__('raised')}</span>
          )}
          <span>{operationWord(checkpoint.operation, trans)}</span>
          {checkpoint.execution_count && (
            <span>[{checkpoint.execution_count}]</span>
          )}
          {checkpoint.notebook && (
            <span className="jp-NodeDeploy-notebook">
              {PathExt.basename(checkpoint.notebook)}
            </span>
          )}
          <Time at={checkpoint.created_at} />
        </span>
      </button>
      <button
        className={`jp-NodeDeploy-pin${pinned ? ' jp-mod-pinned' : ''}`}
        aria-pressed={pinned}
        aria-label={pinLabel}
        title={pinLabel}
        onClick={() =>
          void (pinned
            ? checkpoints.unpin(checkpoint)
            : checkpoints.pin(checkpoint))
        }
      >
        <pinIcon.react tag="span" />
      </button>
    </li>
  );
}
