import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IUi } from '../components/ui';
import { UiContext } from '../components/ui';

/**
 * A widget that shows a component, with what components need around it.
 */
export class View extends ReactWidget {
  constructor(
    private readonly _ui: IUi,
    private readonly _body: JSX.Element,
    className = ''
  ) {
    super();
    this.addClass('jp-NodeDeploy');
    if (className) {
      this.addClass(className);
    }
  }

  protected override render(): JSX.Element {
    return (
      <UiContext.Provider value={this._ui}>
        <React.Suspense fallback={null}>{this._body}</React.Suspense>
      </UiContext.Provider>
    );
  }
}
