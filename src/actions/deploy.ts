import type { CodeCell, ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CheckpointSummary } from '../api/schema';
import type { Store } from '../model/store';
import { attempt } from './notify';
import { runFirst } from './run';

const PATIENCE = 15_000; // ms from the end of a run to its checkpoint
const MOMENT = 3_000; // ms that it usually takes at most

/** When cells have run last. */
const ended = new WeakMap<ICellModel, number>();
NotebookActions.executed.connect((_, { cell }) => {
  ended.set(cell.model, Date.now());
});

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
    let newest = await newestOf(cell.model.id, store);
    let fresh = await isOf(newest, cell, store);
    if (!fresh && Date.now() - (ended.get(cell.model) ?? 0) < MOMENT) {
      newest = (await newer(cell.model.id, newest, store, MOMENT)) ?? newest;
      fresh = await isOf(newest, cell, store);
    }
    if (newest && fresh) {
      openForm(newest.id);
      return;
    }
    if (!(await runFirst(panel, cell, Boolean(newest), store, trans))) {
      return;
    }
    const made = await newer(cell.model.id, newest, store, PATIENCE);
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

/**
 * Whether a checkpoint is of a cell's present code.
 */
async function isOf(
  checkpoint: CheckpointSummary | undefined,
  cell: CodeCell,
  store: Store
): Promise<boolean> {
  if (!checkpoint) {
    return false;
  }
  const { code } = await store.client.checkpoints.get(checkpoint.id);
  return code.trim() === cell.model.sharedModel.getSource().trim();
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
  store: Store,
  patience: number
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
    const timer = window.setTimeout(() => end(), patience);
    store.changed.connect(look);
    look();
  });
}
