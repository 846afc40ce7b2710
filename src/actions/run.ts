import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { FoundCheckpoint } from '../api/schema';
import type { Store } from '../model/store';
import { tags } from './fresh';

/**
 * What is to run before a cell is deployed: nothing, the cell, what is above it, too, or all of that
 * in a kernel of its own.
 */
export type Way = 'none' | 'cell' | 'above' | 'fresh';

/**
 * Asks what to run of a notebook, where the cell has no checkpoint that it could be deployed from
 * without a question; null when the user thinks better of it.
 */
export async function howToRun(
  panel: NotebookPanel,
  cell: CodeCell,
  found: FoundCheckpoint,
  store: Store,
  trans: TranslationBundle
): Promise<Way | null> {
  const { content, sessionContext } = panel;
  const cells = codeAbove(content, cell);
  const unused = await isUnused(sessionContext.session?.kernel?.id, store);
  const behind =
    cells.length > 0 &&
    (unused || cells.some(one => one.model.executionCount === null));
  const ran = cell.model.executionCount !== null || Boolean(found.gone);
  const shown = found.checkpoint !== null;
  const labels: Record<Way, string> = {
    none: trans.__('Deploy as it ran'),
    cell: trans.__('Run and deploy'),
    above: trans.__('Run all up to it and deploy'),
    fresh: trans.__('Run all up to it in a fresh kernel')
  };
  // What an unused kernel runs first is what a fresh one would.
  const all: Way = unused ? 'above' : 'fresh';
  const lost = ran && !shown && !unused;
  const best: Way = lost || behind ? all : 'cell';
  const ways = new Set<Way>([
    ...(shown ? (['none'] as const) : []),
    'cell',
    ...(cells.length > 0 || lost ? [all] : [])
  ]);
  ways.delete(best);
  const why = [
    reason(found, ran, trans),
    shown
      ? trans.__('Deploy it as it ran, or run it as it is now.')
      : trans.__('A node is made from a checkpoint, so the cell has to run.')
  ];
  if (lost) {
    why.push(
      trans.__(
        'Alone it would run on what the variables are now, which may be something else than what the notebook shows.'
      )
    );
  } else if (behind) {
    why.push(trans.__('Cells above it have not run, and it may need them.'));
  }
  const { button } = await showDialog({
    title: trans.__('Run the cell first?'),
    body: why.join(' '),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      ...[...ways].map(way =>
        Dialog.createButton({
          label: labels[way],
          actions: [way],
          accept: false
        })
      ),
      Dialog.okButton({ label: labels[best], actions: [best] })
    ]
  });
  return (button.actions[0] as Way | undefined) ?? null;
}

/**
 * The code cells before a cell that are to run, without empty ones.
 */
export function codeAbove(notebook: Notebook, cell: CodeCell): CodeCell[] {
  const { widgets } = notebook;
  return widgets
    .slice(0, widgets.indexOf(cell))
    .filter((one): one is CodeCell => one.model.type === 'code')
    .filter(one => !tags(one).includes('skip-execution'))
    .filter(one => one.model.sharedModel.getSource().trim());
}

/**
 * Whether a kernel has run nothing. Numbers beside cells may be those of an earlier one, but one
 * that has run something has a checkpoint.
 */
async function isUnused(
  kernel: string | undefined,
  store: Store
): Promise<boolean> {
  const query = { kernel_id: kernel ?? '', limit: 1 };
  return !kernel || (await store.client.checkpoints.list(query)).length === 0;
}

/**
 * Why the cell can't be deployed as it is.
 */
function reason(
  { changed, checkpoint, gone }: FoundCheckpoint,
  ran: boolean,
  trans: TranslationBundle
): string {
  if (checkpoint && changed) {
    return trans.__('Its code has changed since its last checkpoint.');
  }
  switch (gone?.reason) {
    case 'budget':
      return trans.__(
        'Its checkpoint went to make room: all would take more than may be kept (checkpoint_budget).'
      );
    case 'number':
      return trans.__(
        'Its checkpoint went because there are newer ones (keep_checkpoints).'
      );
    case 'deleted':
      return trans.__('Its checkpoint was deleted.');
  }
  return ran
    ? trans.__('There is no checkpoint of the run that the cell shows.')
    : trans.__('There is no checkpoint of this cell yet.');
}
