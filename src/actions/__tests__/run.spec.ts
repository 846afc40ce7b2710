import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { aSummary } from '../../__tests__/answers';
import { Server } from '../../__tests__/server';
import { uiOn } from '../../__tests__/shown';
import type { FoundCheckpoint } from '../../api/schema';
import { howToRun } from '../run';

const NOTHING: FoundCheckpoint = {
  changed: false,
  checkpoint: null,
  gone: null
};
const BUDGET = {
  ...NOTHING,
  gone: { reason: 'budget', created_at: 1, gone_at: 2 }
} as FoundCheckpoint;
const FRESH = 'Run all up to it in a fresh kernel';

function aCell(executionCount: number | null, tags: string[] = []): CodeCell {
  const sharedModel = { getSource: () => 'x = 1' };
  const getMetadata = () => tags;
  return {
    model: { type: 'code', executionCount, sharedModel, getMetadata }
  } as unknown as CodeCell;
}

/**
 * Deploys the last of cells that have these numbers, where nothing can be deployed unasked.
 *
 * @param used - whether the kernel has run anything
 */
async function ask(
  counts: (number | null)[],
  found: FoundCheckpoint,
  used = true
) {
  const checkpoints = used ? [aSummary()] : [];
  const server = new Server().on('GET checkpoints', { checkpoints });
  const { store, trans } = uiOn(server);
  const widgets = counts.map(one => aCell(one));
  const panel = {
    content: { widgets },
    sessionContext: { session: { kernel: { id: 'k1' } } }
  } as unknown as NotebookPanel;
  const last = widgets[widgets.length - 1];
  const way = howToRun(panel, last, found, store, trans);
  const dialog = await screen.findByRole('dialog');
  const buttons = within(dialog).getAllByRole('button');
  return {
    way,
    text: dialog.textContent ?? '',
    // The default is the last one.
    labels: buttons.map(one => one.textContent),
    press: (label: string) =>
      userEvent.click(within(dialog).getByRole('button', { name: label }))
  };
}

describe('howToRun', () => {
  it('runs all in a fresh kernel where the state is gone, and says why', async () => {
    const { labels, press, text, way } = await ask([1, 2, 3], BUDGET);
    expect(labels).toEqual(['Cancel', 'Run and deploy', FRESH]);
    expect(text).toContain('Its checkpoint went to make room');
    expect(text).toContain('what the variables are now');
    await press(FRESH);
    expect(await way).toBe('fresh');
  });

  it('does so for a result that no checkpoint is of', async () => {
    const { labels, text } = await ask([1, 2, 3], NOTHING);
    expect(labels.pop()).toBe(FRESH);
    expect(text).toContain('no checkpoint of the run that the cell shows');
  });

  it('offers a cell whose code has changed as it ran, too', async () => {
    const found = { ...NOTHING, changed: true, checkpoint: aSummary() };
    const { labels, press, text, way } = await ask([1, 2], found);
    const shown = ['Cancel', 'Deploy as it ran', FRESH, 'Run and deploy'];
    expect(labels).toEqual(shown);
    expect(text).toContain('code has changed');
    await press('Deploy as it ran');
    expect(await way).toBe('none');
  });

  it('runs a cell alone that has never run, where all above has', async () => {
    const { labels, text } = await ask([1, null], NOTHING);
    expect(labels).toEqual(['Cancel', FRESH, 'Run and deploy']);
    expect(text).toContain('no checkpoint of this cell yet');
  });

  it('runs all in the notebook where its kernel has run nothing', async () => {
    const { labels, press, way } = await ask([1, 2, 3], NOTHING, false);
    const all = 'Run all up to it and deploy';
    expect(labels).toEqual(['Cancel', 'Run and deploy', all]);
    await press(all);
    expect(await way).toBe('above');
  });

  it('runs nothing when the user thinks better of it', async () => {
    const { press, way } = await ask([1], NOTHING);
    await press('Cancel');
    expect(await way).toBeNull();
  });
});
