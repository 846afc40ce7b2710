import { Token } from '@lumino/coreutils';

import type { IUi } from './components/ui';
import type { Store } from './model/store';

/**
 * What other plugins may use of this extension: its state and the control API (`store.client`).
 */
export interface INodeDeploy {
  readonly store: Store;
}

export const INodeDeploy = new Token<INodeDeploy>(
  'jupyter-node-deploy:INodeDeploy',
  'Checkpoints and nodes of the server, and the API to change them.'
);

/**
 * The pages that show what the store has.
 */
export interface IPages {
  readonly ui: IUi;
}

export const IPages = new Token<IPages>(
  'jupyter-node-deploy:IPages',
  'Opens the pages of checkpoints and nodes and the node form.'
);

/**
 * The commands, by what they do.
 */
export const CommandIds = {
  forceCheckpoint: 'node-deploy:force-checkpoint',
  deployCell: 'node-deploy:deploy-cell',
  createNode: 'node-deploy:create-node',
  open: 'node-deploy:open',
  showPanel: 'node-deploy:show-panel'
} as const;
