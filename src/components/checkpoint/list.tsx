import * as React from 'react';

import type { Search } from '../../model/search';
import { List } from '../list';
import { useUi } from '../ui';
import { KeptLine } from './kept';
import { CheckpointRow } from './row';

/**
 * The checkpoints, newest first.
 */
export function Checkpoints({ search }: { search: Search }): JSX.Element {
  const { store, trans } = useUi();
  return (
    <List
      label={trans.__('Checkpoints')}
      collection={store.checkpoints}
      search={search}
      empty={trans.__(
        'Run a cell with Shift+Enter: a checkpoint of it appears here, with its code, outputs and variables.'
      )}
      unmatched={trans.__('No checkpoint matches the search.')}
      words={one => [
        one.name,
        one.notebook,
        one.operation,
        one.first_line,
        one.id
      ]}
      row={one => <CheckpointRow key={one.id} checkpoint={one} />}
      foot={() => <KeptLine />}
    />
  );
}
