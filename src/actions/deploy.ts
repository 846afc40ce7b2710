import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CheckpointSummary } from '../api/schema';
import type { Store } from '../model/store';
import { attempt } from './notify';
import { runFirst } from './run';

const PATIENCE = 15_000; // ms from the end of a run to its checkpoint

/**
 * Opens the node form for a cell: from its newest checkpoint, or after running it if there is none
 * of its present code.
 */
export async function deployCell(
  panel: NotebookPanel,
  cell: CodeCell,
  store: Store,
  trans: TranslationBundle,
  openForm: (checkpoint: string) => void
): Promise<void> {
  await attempt(async () => {
    const newest = await newestOf(cell.model.id, store);
    const fresh =
      newest &&
      (await store.client.checkpoints.get(newest.id)).code.trim() ===
        cell.model.sharedModel.getSource().trim();
    if (newest && fresh) {
      openForm(newest.id);
      return;
    }
    if (!(await runFirst(panel, cell, Boolean(newest), store, trans))) {
      return;
    }
    const made = await newer(cell.model.id, newest, store);
    if (!made) {
      throw new Error(
        trans.__(
          'No checkpoint of the cell in %1 appeared. Only Python kernels of this server make checkpoints; restart the kernel if it is older than the extension.',
          panel.context.path
        )
      );
    }
    openForm(made.id);
  });
}

async function newestOf(
  cellId: string,
  store: Store
): Promise<CheckpointSummary | undefined> {
  const query = { cell_id: cellId, limit: 1 };
  return (await store.client.checkpoints.list(query))[0];
}

/**
 * Waits for a checkpoint that is not the one known; undefined when none comes.
 */
function newer(
  cellId: string,
  known: CheckpointSummary | undefined,
  store: Store
): Promise<CheckpointSummary | undefined> {
  return new Promise((resolve, reject) => {
    const end = (found?: CheckpointSummary) => {
      store.changed.disconnect(look);
      window.clearTimeout(timer);
      resolve(found);
    };
    const look = () => {
      newestOf(cellId, store).then(
        found => found && found.id !== known?.id && end(found),
        reject
      );
    };
    const timer = window.setTimeout(() => end(), PATIENCE);
    store.changed.connect(look);
    look();
  });
}
