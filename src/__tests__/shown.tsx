import './browser';

import { Dialog, Notification } from '@jupyterlab/apputils';
import {
  CodeMirrorEditorFactory,
  CodeMirrorMimeTypeService,
  EditorExtensionRegistry,
  EditorLanguageRegistry
} from '@jupyterlab/codemirror';
import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import type { Session } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import type { RenderResult } from '@testing-library/react';
import { act, configure, render } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import userEvent from '@testing-library/user-event';
import * as React from 'react';

import { CheckpointActions } from '../actions/checkpoint';
import { NodeActions } from '../actions/node';
import { SecretActions } from '../actions/secret';
import { Client } from '../api/client';
import type { IUi } from '../components/ui';
import { UiContext } from '../components/ui';
import { Store } from '../model/store';
import { EventStream } from '../model/stream';
import { Words } from '../model/words';
import type { Server } from './server';

configure({ asyncUtilTimeout: 5000 }); // as on a machine that has much else to do

const stores: Store[] = [];
beforeEach(() => {
  jest.spyOn(console, 'error'); // by which React tells of mistakes
});
afterEach(async () => {
  stores.splice(0).forEach(one => one.dispose());
  // As by the Escape key: whoever asked gets an answer.
  await act(async () => Dialog.tracker.forEach(one => one.reject()));
  Notification.dismiss();
  const mistakes = jest.mocked(console.error).mock.calls;
  jest.restoreAllMocks();
  expect(mistakes).toEqual([]);
});

/**
 * All that the application gives to components, on a server; what leads to other pages is noted.
 *
 * @param kernels - what runs
 */
export function uiOn(server: Server, kernels: Session.IModel[] = []) {
  const trans = nullTranslator.load('jupyter_node_deploy');
  const store = new Store(
    new Client(server.settings),
    new EventStream(server.settings)
  );
  stores.push(store);
  const sessions = {
    refreshRunning: async () => undefined,
    running: () => kernels.values()
  } as unknown as Session.IManager;
  const languages = new EditorLanguageRegistry();
  EditorLanguageRegistry.getDefaultLanguages().forEach(one =>
    languages.addLanguage(one)
  );
  const extensions = new EditorExtensionRegistry();
  EditorExtensionRegistry.getDefaultExtensions().forEach(one =>
    extensions.addExtension(one)
  );
  return {
    store,
    trans,
    words: Words.of(null),
    language: 'en',
    editors: {
      factoryService: new CodeMirrorEditorFactory({ extensions, languages }),
      mimeTypeService: new CodeMirrorMimeTypeService(languages)
    },
    rendermime: new RenderMimeRegistry({
      initialFactories: standardRendererFactories
    }),
    checkpoints: new CheckpointActions(store, sessions, trans),
    nodes: new NodeActions(store, trans),
    secrets: new SecretActions(store, trans),
    openCheckpoint: jest.fn(),
    openNode: jest.fn(),
    openForm: jest.fn(),
    openEditor: jest.fn()
  } satisfies IUi;
}

/**
 * What the user was told beside the page, the newest first.
 */
export function told(): string[] {
  return Notification.manager.notifications.map(one => one.message);
}

/**
 * Puts a text into a field in the place of what it has.
 */
export async function fill(
  user: UserEvent,
  field: HTMLElement,
  text: string
): Promise<void> {
  await user.clear(field);
  await user.click(field);
  await user.paste(text);
}

/**
 * Shows a component as the application does, and a user before it.
 */
export function shown(
  component: JSX.Element,
  server: Server,
  ui = uiOn(server)
): RenderResult & {
  ui: ReturnType<typeof uiOn>;
  user: UserEvent;
} {
  const user = userEvent.setup();
  const result = render(
    <UiContext.Provider value={ui}>{component}</UiContext.Provider>
  );
  return { ...result, ui, user };
}
