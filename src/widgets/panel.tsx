import type { ITranslator } from '@jupyterlab/translation';
import {
  addIcon,
  PanelWithToolbar,
  SidePanel
} from '@jupyterlab/ui-components';
import { Panel } from '@lumino/widgets';
import * as React from 'react';

import { Checkpoints } from '../components/checkpoint/list';
import { Nodes } from '../components/node/list';
import { PanelHead } from '../components/panel-head';
import type { IUi } from '../components/ui';
import { nodeIcon } from '../icons';
import { Search } from '../model/search';
import { View } from './react';

/**
 * The side panel: search, checkpoints, nodes.
 */
export class NodeDeployPanel extends SidePanel {
  constructor(ui: IUi, translator: ITranslator) {
    super({ translator, header: new Panel() });
    const { trans } = ui;
    const search = new Search();
    this.id = 'jp-node-deploy-panel';
    this.addClass('jp-NodeDeploy-panel');
    this.title.icon = nodeIcon;
    this.title.caption = trans.__('Checkpoints and nodes');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Checkpoints and nodes'));
    this.header.addWidget(
      new View(ui, <PanelHead search={search} />, 'jp-NodeDeploy-head')
    );
    this._section(
      trans.__('Checkpoints'),
      new View(ui, <Checkpoints search={search} />)
    );
    const nodes = this._section(
      trans.__('Nodes'),
      new View(ui, <Nodes search={search} />)
    );
    nodes.toolbar.addItem(
      'create',
      // Not a ToolbarButton: that has an aria-pressed which its role does not allow.
      new View(
        ui,
        <button
          className="jp-NodeDeploy-icon"
          title={trans.__('Create node…')}
          aria-label={trans.__('Create node…')}
          onClick={() => ui.openForm()}
        >
          <addIcon.react tag="span" />
        </button>
      )
    );
  }

  private _section(title: string, body: View): PanelWithToolbar {
    const section = new PanelWithToolbar();
    section.addClass('jp-NodeDeploy-section');
    section.title.label = title;
    section.toolbar.node.setAttribute('aria-label', title);
    section.addWidget(body);
    this.addWidget(section);
    return section;
  }
}
