import { Notification } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Session } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import type { Store } from '../model/store';

/**
 * Runs cells in a kernel that is there for nothing else, beside the notebook's own.
 *
 * @returns the checkpoint after the last of them; null when the user thinks better of it
 * @throws Error when a cell raises one
 */
export async function runFresh(
  panel: NotebookPanel,
  cells: CodeCell[],
  store: Store,
  sessions: Session.IManager,
  trans: TranslationBundle
): Promise<string | null> {
  const { context, sessionContext } = panel;
  // The server knows by the end of such a path which notebook it is of.
  const name = `deploy-${UUID.uuid4().replace(/-/g, '')}`;
  const kernel = { name: sessionContext.session?.kernel?.name };
  let called = false;
  let session: Session.ISessionConnection | null = null;
  const end = async () => {
    const ending = session;
    session = null;
    await ending?.shutdown();
    ending?.dispose();
  };
  const notice = Notification.emit(
    trans.__('Starting a fresh kernel…'),
    'in-progress',
    {
      autoClose: false,
      actions: [
        {
          label: trans.__('Cancel'),
          callback: () => {
            called = true;
            void end();
          }
        }
      ]
    }
  );
  try {
    session = await sessions.startNew(
      { name, path: `${context.localPath}-${name}`, type: 'notebook', kernel },
      { kernelConnectionOptions: { handleComms: false } }
    );
    for (const [index, cell] of cells.entries()) {
      if (called) {
        return null;
      }
      const message = trans.__(
        'Running cell %1 of %2 in a fresh kernel…',
        index + 1,
        cells.length
      );
      Notification.update({ id: notice, message });
      await run(session, cell, index + 1, trans);
    }
    const made = await store.client.checkpoints.force(session.kernel!.id);
    return made.id;
  } catch (error) {
    if (called) {
      return null;
    }
    throw error;
  } finally {
    Notification.dismiss(notice);
    await end();
  }
}

async function run(
  session: Session.ISessionConnection,
  cell: CodeCell,
  number: number,
  trans: TranslationBundle
): Promise<void> {
  const code = cell.model.sharedModel.getSource();
  const future = session.kernel!.requestExecute(
    { code, stop_on_error: true, allow_stdin: false },
    true,
    { cellId: cell.model.id }
  );
  const { content } = await future.done;
  if (content.status === 'error' && !tags(cell).includes('raises-exception')) {
    throw new Error(
      trans.__(
        'Cell %1 raised %2 in a fresh kernel: %3',
        number,
        content.ename,
        content.evalue
      )
    );
  }
}

/**
 * The tags of a cell.
 */
export function tags(cell: CodeCell): string[] {
  const found = cell.model.getMetadata('tags');
  return Array.isArray(found) ? found : [];
}
