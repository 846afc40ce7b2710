import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { serverProblem } from '../api/health';

/**
 * The root of the extension: checks that the server side is there.
 */
export const main: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-node-deploy:plugin',
  description: 'Turns notebook cells into REST services.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_node_deploy');
    // Not awaited: nobody's start-up has to wait for the answer.
    void serverProblem(app.serviceManager.serverSettings, trans).then(
      problem => {
        if (problem) {
          console.error(problem);
        }
      }
    );
  }
};
