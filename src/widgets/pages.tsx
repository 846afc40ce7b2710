import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
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

  show(kind: string, key: string, make: () => Page): void {
    const id = `${kind}:${key}`;
    let widget = this._open.get(id);
    if (!widget || widget.isDisposed) {
      widget = make();
      this._open.set(id, widget);
      widget.disposed.connect(() => this._open.delete(id));
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

  private readonly _open = new Map<string, Page>();
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
 * What the body of a page can do to it.
 */
export interface IPageCalls {
  onTitle: (title: string) => void;
  onGone: () => void;
}

/**
 * A page for the main area.
 */
export class Page extends MainAreaWidget {
  /**
   * @param kind - what it shows, such as `node`
   * @param key - which of that kind
   */
  constructor(
    ui: IUi,
    readonly kind: string,
    readonly key: string,
    title: string,
    body: (calls: IPageCalls) => JSX.Element
  ) {
    const calls: IPageCalls = {
      onTitle: text => {
        this.title.label = text;
        this.title.caption = text;
      },
      onGone: () => this.dispose()
    };
    super({ content: new View(ui, body(calls)) });
    this.id = `jp-node-deploy-${kind}:${key}`;
    this.addClass('jp-NodeDeploy-main');
    this.title.icon = nodeIcon;
    this.title.closable = true;
    this.toolbar.hide();
    calls.onTitle(title);
  }

  /**
   * What has to survive a reload of the application, besides kind and key.
   */
  kept: ReadonlyPartialJSONValue = null;
}
