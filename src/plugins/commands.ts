import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';

import { deployCell } from '../actions/deploy';
import { forceCheckpoint } from '../actions/force';
import { attempt } from '../actions/notify';
import { nodeIcon } from '../icons';
import { CommandIds, INodeDeploy, IPages } from '../tokens';

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;

/**
 * The commands of the notebook.
 */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-node-deploy:commands',
  description: 'Forces checkpoints and deploys cells as nodes.',
  autoStart: true,
  requires: [INodeDeploy, IPages, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    deploy: INodeDeploy,
    pages: IPages,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null
  ): void => {
    const { store } = deploy;
    const { ui } = pages;
    const { trans } = ui;

    app.commands.addCommand(CommandIds.forceCheckpoint, {
      label: trans.__('Force checkpoint'),
      caption: trans.__('Save the state of the kernel as a checkpoint now'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => notebooks.currentWidget !== null,
      execute: async () => {
        const kernel = notebooks.currentWidget?.sessionContext.session?.kernel;
        await attempt(async () => {
          if (!kernel) {
            throw new Error(
              trans.__(
                'The notebook has no kernel: choose one, then try again.'
              )
            );
          }
          await forceCheckpoint(kernel, store, trans, ui.openCheckpoint);
        });
      }
    });

    app.commands.addCommand(CommandIds.deployCell, {
      label: trans.__('Deploy as node…'),
      caption: trans.__('Turn this cell into a REST service'),
      icon: nodeIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pointed: {
              type: 'boolean',
              description: 'The cell under the pointer, not the active one.'
            }
          }
        }
      },
      isEnabled: args => cellOf(app, notebooks, !!args.pointed) !== null,
      execute: async args => {
        const found = cellOf(app, notebooks, !!args.pointed);
        if (found) {
          const { panel, cell } = found;
          const { sessions } = app.serviceManager;
          await deployCell(panel, cell, store, sessions, trans, ui.openForm);
        }
      }
    });

    const category = trans.__('Nodes');
    for (const command of [CommandIds.forceCheckpoint, CommandIds.deployCell]) {
      palette?.addItem({ command, category });
    }
  }
};

/**
 * The code cell that is meant: the active one, or in the context menu the one under the pointer (a
 * right click in another cell's editor does not make that cell active).
 */
function cellOf(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  pointed: boolean
): { panel: NotebookPanel; cell: CodeCell } | null {
  const panels = pointed
    ? notebooks.filter(() => true)
    : [notebooks.currentWidget];
  const node = pointed
    ? app.contextMenuHitTest(one => one.classList.contains('jp-Cell'))
    : notebooks.activeCell?.node;
  for (const panel of panels) {
    const cell = panel?.content.widgets.find(one => one.node === node);
    if (panel && cell?.model.type === 'code') {
      return { panel, cell: cell as CodeCell };
    }
  }
  return null;
}
