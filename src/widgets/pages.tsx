import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';
import { SplitPanel, TabPanel } from '@lumino/widgets';

import type { IUi } from '../components/ui';
import { nodeIcon } from '../icons';
import { View } from './react';

/**
 * Shows each page once; asking again brings it to the front.
 */
export class Pages {
  constructor(private readonly _shell: JupyterFrontEnd.IShell) {}

  show(key: string, make: () => MainAreaWidget): void {
    let widget = this._open.get(key);
    if (!widget || widget.isDisposed) {
      widget = make();
      this._open.set(key, widget);
      widget.disposed.connect(() => this._open.delete(key));
      this._shell.add(widget, this._area);
    }
    this._shell.activateById(widget.id);
    if (this._area === 'down') {
      bringUp(widget);
    }
  }

  /**
   * The main area; in Notebook 7 that holds nothing but the notebook, so there the area below it.
   */
  private get _area(): string {
    return 'mode' in this._shell ? 'main' : 'down';
  }

  private readonly _open = new Map<string, MainAreaWidget>();
}

/**
 * Shows a page of Notebook 7's lower area, which else stays a strip of tabs.
 */
function bringUp(page: Widget): void {
  for (let parent = page.parent; parent; parent = parent.parent) {
    if (parent instanceof TabPanel) {
      parent.currentWidget = page;
    } else if (
      parent instanceof SplitPanel &&
      parent.orientation === 'vertical' &&
      parent.relativeSizes()[1] < 0.3
    ) {
      parent.setRelativeSizes([2, 3]);
    }
  }
}

/**
 * A page for the main area.
 */
export function page(
  ui: IUi,
  key: string,
  title: string,
  body: (calls: {
    onTitle: (title: string) => void;
    onGone: () => void;
  }) => JSX.Element
): MainAreaWidget {
  const calls = {
    onTitle: (text: string) => {
      widget.title.label = text;
      widget.title.caption = text;
    },
    onGone: () => widget.dispose()
  };
  const content = new View(ui, body(calls));
  const widget: MainAreaWidget = new MainAreaWidget({ content });
  widget.id = `jp-node-deploy-${key}`;
  widget.addClass('jp-NodeDeploy-main');
  widget.title.icon = nodeIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  calls.onTitle(title);
  return widget;
}
