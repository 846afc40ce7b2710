import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Gone } from '../../api/schema';
import { bytes } from '../../model/size';
import { Action } from '../part';
import { useUi } from '../ui';

/**
 * How many checkpoints are kept, why the last one went, and the way to those that are not listed.
 */
export function KeptLine(): JSX.Element | null {
  const { store, trans } = useUi();
  const { kept } = store;
  if (!kept) {
    return null;
  }
  const listed = store.checkpoints.items?.length ?? 0;
  return (
    <div className="jp-NodeDeploy-kept">
      <span
        title={trans.__(
          'The newest %1 that are not pinned are kept, and the last run of each cell of an open notebook, together up to %2. Pinned ones stay.',
          kept.limit,
          bytes(kept.budget)
        )}
      >
        {trans.__(
          '%1 kept, %2 of them pinned; %3',
          kept.count,
          kept.pinned,
          bytes(kept.size)
        )}
      </span>
      {kept.last_gone && <span>{whyGone(kept.last_gone, trans)}</span>}
      {listed < kept.count && (
        <Action
          label={trans.__('Show all %1', kept.count)}
          onClick={() => store.showAll()}
        />
      )}
    </div>
  );
}

function whyGone(gone: Gone, trans: TranslationBundle): string {
  const time = new Date(1000 * gone.gone_at).toLocaleTimeString();
  return gone.reason === 'budget'
    ? trans.__(
        'One went at %1: all would take more than may be kept (checkpoint_budget).',
        time
      )
    : trans.__(
        'One went at %1: there are newer ones (keep_checkpoints).',
        time
      );
}
