import type { CodeCell, ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Session } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { FoundCheckpoint } from '../api/schema';
import type { Store } from '../model/store';
import { runFresh } from './fresh';
import { makeCheckpoint } from './force';
import { attempt } from './notify';
import { codeAbove, howToRun } from './run';

const MOMENT = 3_000; // ms from the end of a run to its checkpoint, usually at most

/** When cells have run last, and in which kernel. */
const ended = new WeakMap<ICellModel, { at: number; kernel?: string }>();
NotebookActions.executed.connect((_, { cell, notebook }) => {
  const kernel = kernelOf(notebook.parent as NotebookPanel | null);
  ended.set(cell.model, { at: Date.now(), kernel });
});

/**
 * Opens the node form for a cell: from the checkpoint of the run that it shows, or from that of
 * another run that the user asks for if there is none, or if the code has changed since.
 */
export async function deployCell(
  panel: NotebookPanel,
  cell: CodeCell,
  store: Store,
  sessions: Session.IManager,
  trans: TranslationBundle,
  openForm: (checkpoint: string) => void
): Promise<void> {
  await attempt(async () => {
    if (cell.model.executionState === 'running') {
      throw new Error(
        trans.__('The cell is still running: deploy it when it is done.')
      );
    }
    let found = await find(panel, cell, store);
    const since = Date.now() - (ended.get(cell.model)?.at ?? 0);
    if (!found.checkpoint && !found.gone && since < MOMENT) {
      found = (await arrival(panel, cell, 0, store, MOMENT)) ?? found;
    }
    const shown = found.checkpoint;
    if (shown && !found.changed) {
      openForm(shown.id);
      return;
    }
    const way = await howToRun(panel, cell, found, store, trans);
    if (way === 'none' && shown) {
      openForm(shown.id);
    } else if (way === 'fresh') {
      const cells = [...codeAbove(panel.content, cell), cell];
      const made = await runFresh(panel, cells, store, sessions, trans);
      if (made) {
        openForm(made);
      }
    } else if (way === 'cell' || way === 'above') {
      const made = await runHere(panel, cell, way === 'above', store, trans);
      if (made) {
        openForm(made);
      }
    }
  });
}

/**
 * Runs a cell in the notebook, and what is above it if that is wanted.
 *
 * @returns the checkpoint of the run; null when the user does not wait for it any more
 * @throws Error when there is none: the kernel says why
 */
async function runHere(
  panel: NotebookPanel,
  cell: CodeCell,
  above: boolean,
  store: Store,
  trans: TranslationBundle
): Promise<string | null> {
  const { content, sessionContext } = panel;
  const query = { kernel_id: kernelOf(panel) ?? '', limit: 1 };
  const [last] = await store.client.checkpoints.list(query);
  const cells = [...(above ? codeAbove(content, cell) : []), cell];
  if (!(await NotebookActions.runCells(content, cells, sessionContext))) {
    throw new Error(
      trans.__('A cell raised an error: repair it, then deploy again.')
    );
  }
  const after = last?.created_at ?? 0;
  const made = await arrival(panel, cell, after, store, MOMENT);
  if (made?.checkpoint) {
    return made.checkpoint.id;
  }
  const kernel = sessionContext.session?.kernel;
  if (!kernel) {
    throw new Error(
      trans.__('The notebook has no kernel: choose one, then try again.')
    );
  }
  // It is still being made, or can't be.
  const forced = await makeCheckpoint(kernel, store, trans);
  const found = forced && (await find(panel, cell, store)).checkpoint;
  return found && found.created_at > after ? found.id : (forced?.id ?? null);
}

/**
 * What there is of the run that a cell shows.
 */
async function find(
  panel: NotebookPanel,
  cell: CodeCell,
  store: Store
): Promise<FoundCheckpoint> {
  const code = cell.model.sharedModel.getSource();
  const others = panel.content.widgets.filter(one => one !== cell);
  const found = await store.client.checkpoints.find({
    code,
    kernel_id: kernelOf(panel) ?? null,
    notebook: panel.context.localPath,
    cell_id: cell.model.id,
    execution_count: cell.model.executionCount,
    msg_id: cell.outputArea.future?.msg.header.msg_id ?? null,
    other_cells: others.map(one => one.model.id),
    repeated: others.some(
      one =>
        one.model.type === 'code' &&
        one.model.sharedModel.getSource().trim() === code.trim()
    )
  });
  const run = ended.get(cell.model);
  // It was seen to run in another kernel than that of the checkpoint, which is of a run before.
  return run?.kernel && found.checkpoint?.kernel_id !== run.kernel
    ? { ...found, checkpoint: null }
    : found;
}

/**
 * Waits for the checkpoint of a run; undefined when none comes.
 *
 * @param after - time of the server's, in seconds, before which checkpoints are of other runs
 */
function arrival(
  panel: NotebookPanel,
  cell: CodeCell,
  after: number,
  store: Store,
  patience: number
): Promise<FoundCheckpoint | undefined> {
  return new Promise((resolve, reject) => {
    const end = (found?: FoundCheckpoint) => {
      store.changed.disconnect(look);
      window.clearTimeout(timer);
      resolve(found);
    };
    const look = () => {
      find(panel, cell, store).then(
        found =>
          found.checkpoint &&
          !found.changed &&
          found.checkpoint.created_at > after &&
          end(found),
        reject
      );
    };
    const timer = window.setTimeout(() => end(), patience);
    store.changed.connect(look);
    look();
  });
}

function kernelOf(panel: NotebookPanel | null): string | undefined {
  return panel?.sessionContext?.session?.kernel?.id;
}
