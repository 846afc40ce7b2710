import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { CheckpointActions } from '../actions/checkpoint';
import type { NodeActions } from '../actions/node';
import type { SecretActions } from '../actions/secret';
import type { Store } from '../model/store';
import type { Words } from '../model/words';

/**
 * What components need of the application.
 */
export interface IUi {
  store: Store;
  trans: TranslationBundle;
  words: Words;
  /** BCP 47, for dates and numbers. */
  language: string;
  editors: IEditorServices;
  rendermime: IRenderMimeRegistry;
  checkpoints: CheckpointActions;
  nodes: NodeActions;
  secrets: SecretActions;
  openCheckpoint(id: string): void;
  openNode(id: string): void;
  /** The empty node form, or the one that a checkpoint prefills; pins it if need be. */
  openForm(checkpoint?: string): void;
  /** The form of a node, by its id. */
  openEditor(node: string): void;
}

export const UiContext = React.createContext<IUi | null>(null);

export function useUi(): IUi {
  return React.useContext(UiContext)!;
}
