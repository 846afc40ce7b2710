import type { ITranslator } from '@jupyterlab/translation';
import {
  addIcon,
  PanelWithToolbar,
  SidePanel
} from '@jupyterlab/ui-components';
import type { AccordionPanel } from '@lumino/widgets';
import { Panel } from '@lumino/widgets';
import * as React from 'react';

import { Checkpoints } from '../components/checkpoint/list';
import { Nodes } from '../components/node/list';
import { PanelHead } from '../components/panel-head';
import { Secrets } from '../components/secret/list';
import type { IUi } from '../components/ui';
import { nodeIcon } from '../icons';
import { Search } from '../model/search';
import { View } from './react';

/**
 * The side panel: search, checkpoints, nodes, secrets.
 */
export class NodeDeployPanel extends SidePanel {
  constructor(ui: IUi, translator: ITranslator) {
    super({ translator, header: new Panel() });
    const { trans } = ui;
    const { search } = this;
    this.id = 'jp-node-deploy-panel';
    this.addClass('jp-NodeDeploy-panel');
    this.title.icon = nodeIcon;
    this.title.caption = trans.__('Checkpoints and nodes');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Checkpoints and nodes'));
    this.header.addWidget(
      new View(ui, <PanelHead search={search} />, 'jp-NodeDeploy-head')
    );
    this._section(ui, trans.__('Checkpoints'), <Checkpoints search={search} />);
    this._section(ui, trans.__('Nodes'), <Nodes search={search} />, {
      label: trans.__('Create node…'),
      run: () => ui.openForm()
    });
    this._section(ui, trans.__('Secrets'), <Secrets search={search} />, {
      label: trans.__('New secret…'),
      run: () => void ui.secrets.put()
    });
    // The room goes to what people come for.
    (this.content as AccordionPanel).setRelativeSizes([4, 4, 2]);
  }

  /** What the lists are searched for. */
  readonly search = new Search();

  private _section(
    ui: IUi,
    title: string,
    body: JSX.Element,
    create?: { label: string; run: () => void }
  ): void {
    const section = new PanelWithToolbar();
    section.addClass('jp-NodeDeploy-section');
    section.title.label = title;
    section.toolbar.node.setAttribute('aria-label', title);
    section.addWidget(new View(ui, body));
    if (create) {
      // Not a ToolbarButton: that has an aria-pressed which its role does not allow.
      const button = (
        <button
          className="jp-NodeDeploy-icon"
          title={create.label}
          aria-label={create.label}
          onClick={create.run}
        >
          <addIcon.react tag="span" />
        </button>
      );
      section.toolbar.addItem('create', new View(ui, button));
    }
    this.addWidget(section);
  }
}
