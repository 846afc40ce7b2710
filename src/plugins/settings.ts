import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { attempt } from '../actions/notify';
import { INodeDeploy } from '../tokens';

const ID = 'jupyter-node-deploy:plugin';

/**
 * Shows the settings in the user's language, and passes them on to the server.
 */
export const settings: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-node-deploy:settings',
  description: 'Translates the settings and passes them on to the server.',
  autoStart: true,
  requires: [INodeDeploy, ISettingRegistry],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    deploy: INodeDeploy,
    registry: ISettingRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_node_deploy');
    registry.transform(ID, {
      fetch: plugin => ({ ...plugin, schema: translated(plugin.schema, trans) })
    });
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

/**
 * The schema in the user's language: Jupyter's server knows the catalogs of language packs only.
 */
function translated(
  schema: ISettingRegistry.ISchema,
  trans: TranslationBundle
): ISettingRegistry.ISchema {
  return {
    ...schema,
    title: trans.__('Node deploy'),
    description: trans.__(
      'Settings of jupyter_node_deploy: notebook cells as REST services.'
    ),
    properties: {
      ...schema.properties,
      autosaveCommitMode: {
        ...schema.properties?.autosaveCommitMode,
        title: trans.__('Autosave commit mode'),
        description: trans.__(
          'Make checkpoints when the kernel is idle and something has changed, rather than after each cell.'
        )
      }
    }
  };
}
