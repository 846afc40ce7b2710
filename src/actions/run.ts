import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Store } from '../model/store';

/**
 * Runs a cell that is to be deployed, and what is above it if the user wants that.
 *
 * @param changed - whether it has a checkpoint, of other code
 * @returns whether it ran; false when the user thinks better of it
 * @throws Error when a cell raised one
 */
export async function runFirst(
  panel: NotebookPanel,
  cell: CodeCell,
  changed: boolean,
  store: Store,
  trans: TranslationBundle
): Promise<boolean> {
  const { content, sessionContext } = panel;
  const above = codeAbove(content, cell);
  const kernel = sessionContext.session?.kernel?.id;
  const behind = above.length > 0 && (await haveNotRun(above, kernel, store));
  const answer = await ask(changed, above.length > 0, behind, trans);
  if (!answer) {
    return false;
  }
  const cells = answer === 'above' ? [...above, cell] : [cell];
  if (!(await NotebookActions.runCells(content, cells, sessionContext))) {
    throw new Error(
      trans.__('A cell raised an error: repair it, then deploy again.')
    );
  }
  return true;
}

/**
 * The code cells before a cell, without empty ones.
 */
function codeAbove(notebook: Notebook, cell: CodeCell): CodeCell[] {
  const { widgets } = notebook;
  return widgets
    .slice(0, widgets.indexOf(cell))
    .filter((one): one is CodeCell => one.model.type === 'code')
    .filter(one => one.model.sharedModel.getSource().trim());
}

/**
 * Whether some cells have not run. Numbers beside them may be those of an earlier kernel: one that
 * has no checkpoint has run nothing.
 */
async function haveNotRun(
  cells: CodeCell[],
  kernel: string | undefined,
  store: Store
): Promise<boolean> {
  if (!kernel || cells.some(one => one.model.executionCount === null)) {
    return true;
  }
  const query = { kernel_id: kernel, limit: 1 };
  return (await store.client.checkpoints.list(query)).length === 0;
}

/**
 * Asks what to run; null for nothing.
 */
async function ask(
  changed: boolean,
  above: boolean,
  behind: boolean,
  trans: TranslationBundle
): Promise<'cell' | 'above' | null> {
  const why = changed
    ? trans.__(
        'Its code has changed since its last checkpoint. A node is made from a checkpoint, so the cell has to run.'
      )
    : trans.__(
        'There is no checkpoint of this cell yet. A node is made from a checkpoint, so the cell has to run.'
      );
  const also = trans.__('Cells above it have not run, and it may need them.');
  const alone = {
    label: trans.__('Run and deploy'),
    actions: ['cell']
  };
  const all = {
    label: trans.__('Run all up to it and deploy'),
    actions: ['above']
  };
  const [other, best] = behind ? [alone, all] : [all, alone];
  const { button } = await showDialog({
    title: trans.__('Run the cell first?'),
    body: behind ? `${why} ${also}` : why,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      ...(above ? [Dialog.createButton({ ...other, accept: false })] : []),
      Dialog.okButton(best)
    ]
  });
  return (button.actions[0] as 'cell' | 'above' | undefined) ?? null;
}
