import * as React from 'react';

import type {
  CheckpointSummary,
  Configuration,
  Folder,
  Health,
  Node,
  ZoneInfo
} from '../../api/schema';
import { messageOf } from '../../api/error';
import type { IChange } from '../../model/store';
import { useUi } from '../ui';
import type { ISecrets } from './secret';

/**
 * What the form offers to choose from, and the node that it changes.
 */
export interface IOptions {
  health: Health;
  pinned: CheckpointSummary[];
  folders: Folder[];
  configurations: Configuration[];
  zones: ZoneInfo[];
  node: Node | null;
}

/**
 * Reads what the server offers; again, when it could not be had, as soon as the server is back. Whoever
 * pins a checkpoint meanwhile can choose it.
 *
 * @param id - of the node to change
 */
export function useOptions(id?: string): {
  options: IOptions | null;
  error: string;
} {
  const { store } = useUi();
  const { client } = store;
  const [options, setOptions] = React.useState<IOptions | null>(null);
  const [error, setError] = React.useState('');
  React.useEffect(() => {
    let had = false;
    const listPinned = () =>
      client.checkpoints.list({ pinned: true, limit: 1000 });
    const read = async () => {
      try {
        const [health, pinned, folders, configurations, zones, node] =
          await Promise.all([
            client.health(),
            listPinned(),
            client.folders(),
            client.configurations(),
            client.zones(),
            id ? client.nodes.get(id) : null
          ]);
        had = true;
        setOptions({ health, pinned, folders, configurations, zones, node });
      } catch (failure) {
        setError(messageOf(failure));
      }
    };
    const readPinned = async () => {
      const pinned = await listPinned();
      setOptions(now => now && { ...now, pinned });
    };
    const slot = (_: unknown, change: IChange) => {
      if (!had && !change.id) {
        void read();
      } else if (change.kind === 'checkpoint' && change.action === 'changed') {
        readPinned().catch(() => undefined); // The choices stay as they were.
      }
    };
    void read();
    store.changed.connect(slot);
    return () => {
      store.changed.disconnect(slot);
    };
  }, [id]);
  return { options, error };
}

/**
 * The secrets of a folder.
 *
 * @param folder - its id; empty for the default one
 */
export function useSecrets(folder: string): ISecrets {
  const { secrets, store } = useUi();
  const [names, setNames] = React.useState<string[]>([]);
  const load = () =>
    store.client.secrets(folder || undefined).then(
      found => setNames(found.map(one => one.name)),
      () => setNames([]) // The names already chosen stay; the server tells at the end.
    );
  React.useEffect(() => {
    const slot = (_: unknown, change: IChange) => {
      if (!change.id || change.kind === 'secret') {
        void load();
      }
    };
    void load();
    store.changed.connect(slot);
    return () => {
      store.changed.disconnect(slot);
    };
  }, [folder]);
  const create = async () => {
    const name = await secrets.put(folder || undefined);
    await load();
    return name;
  };
  return { names, create };
}
