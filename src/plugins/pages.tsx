import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import * as React from 'react';

import { CheckpointActions } from '../actions/checkpoint';
import { NodeActions } from '../actions/node';
import { announce } from '../actions/progress';
import { SecretActions } from '../actions/secret';
import type { IUi } from '../components/ui';
import { Words } from '../model/words';
import { CommandIds, INodeDeploy, IPages } from '../tokens';
import type { IPageCalls } from '../widgets/pages';
import { Page, Pages } from '../widgets/pages';

type Kind = 'checkpoint' | 'node' | 'form' | 'edit';

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
    const words = Words.of(translator);
    const shown = new Pages(app.shell);
    const tracker = new WidgetTracker<Page>({ namespace: 'node-deploy' });
    const checkpoints = new CheckpointActions(
      store,
      app.serviceManager.sessions,
      trans
    );

    /** Shows the page of a kind and a key; `kept` is what it had before a reload. */
    const show: Record<Kind, (key: string, kept?: unknown) => void> = {
      checkpoint: id =>
        bring('checkpoint', id, trans.__('Checkpoint'), calls => (
          <CheckpointPage id={id} {...calls} />
        )),
      node: id =>
        bring('node', id, trans.__('Node'), calls => (
          <NodePage id={id} {...calls} />
        )),
      form: (key, kept) => showForm('form', key, kept),
      edit: (id, kept) => showForm('edit', id, kept)
    };

    function bring(
      kind: Kind,
      key: string,
      title: string,
      body: (calls: IPageCalls, page: () => Page) => JSX.Element
    ): void {
      shown.show(kind, key, () => {
        const page: Page = new Page(ui, kind, key, title, calls =>
          body(calls, () => page)
        );
        void tracker.add(page);
        return page;
      });
    }

    function showForm(
      kind: 'form' | 'edit',
      key: string,
      kept: unknown,
      checkpoint?: string
    ): void {
      const editing = kind === 'edit';
      const title = editing ? trans.__('Edit node') : trans.__('Create node');
      bring(kind, key, title, (calls, page) => (
        <NodeForm
          node={editing ? key : undefined}
          checkpoint={checkpoint}
          kept={kept}
          onChange={now => {
            page().kept = now;
            void tracker.save(page());
          }}
          onTitle={calls.onTitle}
          onDone={node => {
            calls.onGone();
            if (!editing) {
              announce(store, node, ui);
            }
            ui.openNode(node.id);
          }}
        />
      ));
    }

    const ui: IUi = {
      store,
      trans,
      words,
      language: (translator?.languageCode ?? 'en').replace('_', '-'),
      editors,
      rendermime,
      checkpoints,
      nodes: new NodeActions(store, trans),
      secrets: new SecretActions(store, trans),
      openCheckpoint: show.checkpoint,
      openNode: show.node,
      openForm: checkpoint =>
        void (async () => {
          if (!checkpoint || (await checkpoints.ensurePinned(checkpoint))) {
            showForm('form', UUID.uuid4(), null, checkpoint);
          }
        })(),
      openEditor: show.edit
    };

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
    app.commands.addCommand(CommandIds.open, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            kind: { enum: Object.keys(show) },
            id: { type: 'string' },
            kept: { description: 'What the page had before a reload.' }
          },
          required: ['kind', 'id']
        }
      },
      execute: args => show[args.kind as Kind]?.(String(args.id), args.kept)
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIds.open,
        args: ({ kind, key, kept }) => ({ kind, id: key, kept }),
        name: page => page.id
      });
    }
    return { ui };
  }
};
