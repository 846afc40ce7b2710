import * as React from 'react';

import type { CheckpointSummary } from '../../api/schema';
import type { Search } from '../../model/search';
import { useSignal } from '../hooks';
import { Empty, Rows } from '../rows';
import { useUi } from '../ui';
import { CheckpointRow } from './row';

/**
 * The checkpoints, newest first, as the search leaves them.
 */
export function Checkpoints({ search }: { search: Search }): JSX.Element {
  const { store, trans } = useUi();
  useSignal(store.checkpoints.changed);
  useSignal(search.changed);
  const { items, error } = store.checkpoints;
  if (!items) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  if (items.length === 0) {
    return (
      <Empty>
        {trans.__(
          'Run a cell with Shift+Enter: a checkpoint of it appears here, with its code, outputs and variables.'
        )}
      </Empty>
    );
  }
  const found = items.filter(one => search.matches(words(one)));
  if (found.length === 0) {
    return <Empty>{trans.__('No checkpoint matches the search.')}</Empty>;
  }
  return (
    <Rows label={trans.__('Checkpoints')}>
      {found.map(one => (
        <CheckpointRow key={one.id} checkpoint={one} />
      ))}
    </Rows>
  );
}

function words(one: CheckpointSummary): string {
  return [one.name, one.notebook, one.operation, one.first_line, one.id]
    .filter(Boolean)
    .join('\n');
}
