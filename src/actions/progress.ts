import { Notification } from '@jupyterlab/apputils';

import type { Node } from '../api/schema';
import type { IUi } from '../components/ui';
import type { Store } from '../model/store';

/**
 * Tells how a new node comes up, until it serves or has failed.
 */
export function announce(
  store: Store,
  node: Node,
  ui: Pick<IUi, 'openNode' | 'trans' | 'words'>
): void {
  const { trans, words } = ui;
  const actions = [
    { label: trans.__('Open node'), callback: () => ui.openNode(node.id) }
  ];
  const id = Notification.emit(
    trans.__('%1 is starting…', node.name),
    'in-progress',
    { autoClose: false, actions }
  );
  const finish = (
    message: string,
    type: Notification.TypeOptions,
    autoClose: number | false
  ) => {
    store.nodes.changed.disconnect(look);
    Notification.update({ id, message, type, autoClose, actions });
  };
  const look = () => {
    const now = store.nodes.items?.find(one => one.id === node.id);
    if (!now || now.status === 'DELETING' || now.status === 'SUSPENDED') {
      store.nodes.changed.disconnect(look);
      Notification.dismiss(id);
    } else if (now.status === 'HEALTHY') {
      finish(trans.__('%1 serves requests.', now.name), 'success', 5000);
    } else if (now.status === 'FAILED') {
      const message = trans.__('%1 failed: %2', now.name, words.reason(now));
      finish(message, 'error', false);
    } else {
      const message = `${now.name}: ${words.reason(now)}`;
      Notification.update({ id, message, actions });
    }
  };
  store.nodes.changed.connect(look);
  void store.nodes.refresh();
}
