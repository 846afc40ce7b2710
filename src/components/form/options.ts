import * as React from 'react';

import type {
  CheckpointSummary,
  Configuration,
  Folder,
  Health,
  Secret,
  ZoneInfo
} from '../../api/schema';
import { messageOf } from '../../api/error';
import { useUi } from '../ui';

/**
 * What the form offers to choose from.
 */
export interface IOptions {
  health: Health;
  pinned: CheckpointSummary[];
  folders: Folder[];
  secrets: Secret[];
  configurations: Configuration[];
  zones: ZoneInfo[];
}

/**
 * Reads what the server offers, once.
 */
export function useOptions(): { options: IOptions | null; error: string } {
  const { client } = useUi().store;
  const [options, setOptions] = React.useState<IOptions | null>(null);
  const [error, setError] = React.useState('');
  React.useEffect(() => {
    void (async () => {
      try {
        const [health, pinned, folders, secrets, configurations, zones] =
          await Promise.all([
            client.health(),
            client.checkpoints.list({ pinned: true, limit: 1000 }),
            client.folders(),
            client.secrets(),
            client.configurations(),
            client.zones()
          ]);
        setOptions({ health, pinned, folders, secrets, configurations, zones });
      } catch (failure) {
        setError(messageOf(failure));
      }
    })();
  }, []);
  return { options, error };
}
