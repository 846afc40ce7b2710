import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { attempt } from '../actions/notify';
import { INodeDeploy } from '../tokens';

const ID = 'jupyter-node-deploy:plugin';

/**
 * Passes the settings on to the server.
 */
export const settings: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-node-deploy:settings',
  description: 'Passes the settings of the extension on to the server.',
  autoStart: true,
  requires: [INodeDeploy, ISettingRegistry],
  activate: (
    _: JupyterFrontEnd,
    deploy: INodeDeploy,
    registry: ISettingRegistry
  ): void => {
    let known: unknown;
    const pass = async (loaded: ISettingRegistry.ISettings) => {
      // Untouched, the setting leaves the server as its administrator has configured it.
      const { user } = loaded.get('autosaveCommitMode');
      if (user !== undefined && user !== known) {
        known = user;
        await attempt(async () => {
          const mode = user ? 'autosave' : 'standard';
          await deploy.store.client.checkpoints.setMode(mode);
        });
      }
    };
    // Not awaited: nobody's start-up has to wait for the settings.
    void registry.load(ID).then(loaded => {
      loaded.changed.connect(pass);
      return pass(loaded);
    });
  }
};
