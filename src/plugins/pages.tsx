import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { CheckpointActions } from '../actions/checkpoint';
import { NodeActions } from '../actions/node';
import { announce } from '../actions/progress';
import type { IUi } from '../components/ui';
import { CommandIds, INodeDeploy, IPages } from '../tokens';
import { page, Pages } from '../widgets/pages';

// Loaded when first shown, so that they cost the application's start nothing.
const CheckpointPage = React.lazy(async () => ({
  default: (await import('../components/checkpoint/page')).CheckpointPage
}));
const NodeForm = React.lazy(async () => ({
  default: (await import('../components/form/form')).NodeForm
}));
const NodePage = React.lazy(async () => ({
  default: (await import('../components/node/page')).NodePage
}));

/**
 * The pages of the main area, and the commands that open them.
 */
export const pages: JupyterFrontEndPlugin<IPages> = {
  id: 'jupyter-node-deploy:pages',
  description: 'Shows checkpoints, the node form and nodes.',
  autoStart: true,
  provides: IPages,
  requires: [INodeDeploy, IEditorServices, IRenderMimeRegistry],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    deploy: INodeDeploy,
    editors: IEditorServices,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): IPages => {
    const { store } = deploy;
    const trans = (translator ?? nullTranslator).load('jupyter_node_deploy');
    const shown = new Pages(app.shell);
    const tracker = new WidgetTracker<MainAreaWidget>({
      namespace: 'node-deploy'
    });
    const checkpoints = new CheckpointActions(
      store,
      app.serviceManager.sessions,
      trans
    );
    let forms = 0;

    const ui: IUi = {
      store,
      trans,
      language: (translator?.languageCode ?? 'en').replace('_', '-'),
      editors,
      rendermime,
      checkpoints,
      nodes: new NodeActions(store, trans),
      openCheckpoint: id =>
        show(`checkpoint:${id}`, trans.__('Checkpoint'), calls => (
          <CheckpointPage id={id} {...calls} />
        )),
      openNode: id =>
        show(`node:${id}`, trans.__('Node'), calls => (
          <NodePage id={id} {...calls} />
        )),
      openForm: checkpoint =>
        void (async () => {
          if (checkpoint && !(await checkpoints.ensurePinned(checkpoint))) {
            return;
          }
          show(`form:${++forms}`, trans.__('Create node'), calls => (
            <NodeForm
              checkpoint={checkpoint}
              onDone={node => {
                calls.onGone();
                announce(store, node, trans, ui.openNode);
                ui.openNode(node.id);
              }}
            />
          ));
        })(),
      openEditor: node =>
        show(`edit:${node.id}`, trans.__('Edit %1', node.name), calls => (
          <NodeForm
            node={node}
            onDone={changed => {
              calls.onGone();
              ui.openNode(changed.id);
            }}
          />
        ))
    };

    function show(
      key: string,
      title: string,
      body: (calls: {
        onTitle: (title: string) => void;
        onGone: () => void;
      }) => JSX.Element
    ): void {
      shown.show(key, () => {
        const widget = page(ui, key, title, body);
        if (/^(checkpoint|node):/.test(key)) {
          void tracker.add(widget);
        }
        return widget;
      });
    }

    app.commands.addCommand(CommandIds.createNode, {
      label: trans.__('Create node…'),
      caption: trans.__('Make a REST service from a pinned checkpoint'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            checkpoint: { type: 'string', description: 'Its id or name.' }
          }
        }
      },
      execute: args =>
        ui.openForm(args.checkpoint ? String(args.checkpoint) : undefined)
    });
    if (restorer) {
      const parts = (widget: MainAreaWidget) =>
        /^jp-node-deploy-(checkpoint|node):(.+)$/.exec(widget.id)!;
      void restorer.restore(tracker, {
        command: CommandIds.open,
        args: widget => ({ kind: parts(widget)[1], id: parts(widget)[2] }),
        name: widget => widget.id
      });
    }
    app.commands.addCommand(CommandIds.open, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            kind: { enum: ['checkpoint', 'node'] },
            id: { type: 'string' }
          },
          required: ['kind', 'id']
        }
      },
      execute: args =>
        args.kind === 'node'
          ? ui.openNode(String(args.id))
          : ui.openCheckpoint(String(args.id))
    });
    return { ui };
  }
};
