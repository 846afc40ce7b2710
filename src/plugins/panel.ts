import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIds, INodeDeploy, IPages } from '../tokens';
import { NodeDeployPanel } from '../widgets/panel';

/**
 * The panel in the left area.
 */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-node-deploy:panel',
  description: 'Lists checkpoints and nodes in the left area.',
  autoStart: true,
  requires: [INodeDeploy, IPages],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    deploy: INodeDeploy,
    pages: IPages,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const { ui } = pages;
    const { trans } = ui;
    const widget = new NodeDeployPanel(ui, translator ?? nullTranslator);
    app.shell.add(widget, 'left', { rank: 600, type: 'Node deploy' });
    restorer?.add(widget, widget.id);
    void deploy.store.refresh();

    app.commands.addCommand(CommandIds.showPanel, {
      label: trans.__('Show checkpoints and nodes'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(widget.id);
        // Whoever comes by the keyboard goes on from the search. Later, because the palette first
        // gives the focus back to the notebook.
        window.setTimeout(() => widget.search.focus(), 100);
      }
    });
    const category = trans.__('Nodes');
    palette?.addItem({ command: CommandIds.showPanel, category });
    palette?.addItem({ command: CommandIds.createNode, category });
  }
};
