import { screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { aCheckpoint, aSaved, aSummary } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { shown } from '../../../__tests__/shown';
import type { Checkpoint } from '../../../api/schema';
import { Compare } from '../compare';

const HERE = aCheckpoint({
  code: 'total = roll(sides)\ntotal',
  variables: [aSaved('sides', { preview: '6' }), aSaved('seed')]
});

/**
 * The comparison with another checkpoint, once that is chosen; null for one that is gone.
 */
async function compare(other: Partial<Checkpoint> | null) {
  const server = new Server();
  const checkpoints = [aSummary(), aSummary({ id: 'c2', name: 'before' })];
  server.on('GET checkpoints', { checkpoints });
  if (other) {
    server.on('GET checkpoints/c2', aCheckpoint({ id: 'c2', ...other }));
  } else {
    server.refuse('GET checkpoints/c2', 'It is gone.');
  }
  const result = shown(<Compare checkpoint={HERE} />, server);
  void result.ui.store.refresh();
  const choice = screen.getByLabelText<HTMLSelectElement>('Compare with');
  await waitFor(() => expect(choice.options).toHaveLength(2));
  await result.user.selectOptions(choice, 'c2');
  return { ...result, choice, server };
}

describe('Compare', () => {
  it('offers the other checkpoints, and says nothing before one is chosen', async () => {
    const { choice, user } = await compare({});
    expect(choice.options[1].textContent).toMatch(/^before \(.*\d.*\)$/);
    await screen.findByText('Variables');
    await user.selectOptions(choice, 'Choose a checkpoint');
    expect(screen.queryByText('Variables')).toBeNull();
  });

  it('says that code and variables are the same', async () => {
    await compare({ code: HERE.code, variables: HERE.variables });
    expect(await screen.findAllByText('The same')).toHaveLength(2);
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('shows what changed of the code, line by line', async () => {
    await compare({ code: 'total = 4\ntotal' });
    const diff = await screen.findByLabelText('Changes of the code');
    const gone = [...diff.querySelectorAll('.cm-deletedChunk')];
    expect(gone.map(one => one.textContent)).toEqual(['total = 4']);
    const here = [...diff.querySelectorAll('.cm-line.cm-changedLine')];
    expect(here.map(one => one.textContent)).toEqual(['total = roll(sides)']);
    expect(diff.getAttribute('contenteditable')).toBe('false');
  });

  it('shows the variables that differ, with both values', async () => {
    await compare({
      variables: [aSaved('sides', { preview: '20' }), aSaved('old')]
    });
    const rows = within(await screen.findByRole('table')).getAllByRole('row');
    expect(
      rows.map(row => [...row.children].map(one => one.textContent))
    ).toEqual([
      ['Name', 'Difference', 'Before', 'Here'],
      ['old', 'removed', '6', ''],
      ['seed', 'added', '', '6'],
      ['sides', 'changed', '20', '6']
    ]);
  });

  it('says why the other one cannot be had', async () => {
    await compare(null);
    await screen.findByText('It is gone.');
  });
});
