import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { Client } from '../api/client';
import { Store } from '../model/store';
import { EventStream } from '../model/stream';
import { Words } from '../model/words';
import { INodeDeploy } from '../tokens';

/**
 * Keeps what the server has.
 */
export const store: JupyterFrontEndPlugin<INodeDeploy> = {
  id: 'jupyter-node-deploy:store',
  description: 'Provides the checkpoints and nodes of the server.',
  autoStart: true,
  provides: INodeDeploy,
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null
  ): INodeDeploy => {
    const words = Words.of(translator);
    const { serverSettings } = app.serviceManager;
    const kept = new Store(
      new Client(serverSettings, said => words.say(said)),
      new EventStream(serverSettings)
    );
    let told = '';
    kept.checkpointFailed.connect((_, message) => {
      // The same trouble with each cell is told once.
      if (message !== told) {
        told = message;
        Notification.warning(message, { autoClose: false });
      }
    });
    return { store: kept };
  }
};
