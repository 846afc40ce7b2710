import { Notification } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Checkpoint } from '../api/schema';
import type { Store } from '../model/store';
import { done } from './notify';

type IForced = Pick<Kernel.IKernelConnection, 'id' | 'status'>;

/** Kernels that are asked already. */
const asked = new Set<string>();

/**
 * Makes a checkpoint of a kernel and says so.
 *
 * @throws Error when there will be none
 */
export async function forceCheckpoint(
  kernel: IForced,
  store: Store,
  trans: TranslationBundle,
  show: (checkpoint: string) => void
): Promise<void> {
  if (asked.has(kernel.id)) {
    return; // The user is told of it as long as it lasts.
  }
  const made = await makeCheckpoint(kernel, store, trans);
  if (made) {
    done(trans.__('Checkpoint made.'), [
      { label: trans.__('Show'), callback: () => show(made.id) }
    ]);
  }
}

/**
 * Makes a checkpoint of a kernel; while that is busy the user is told so, and can call it off.
 *
 * @returns null when the user has
 * @throws Error when there will be none
 */
export async function makeCheckpoint(
  kernel: IForced,
  store: Store,
  trans: TranslationBundle
): Promise<Checkpoint | null> {
  const { checkpoints } = store.client;
  let notice: string | null = null;
  let wanted = true;
  const cancel = () => {
    wanted = false;
    void checkpoints.cancel(kernel.id);
  };
  const tell = () => {
    notice ??= Notification.emit(
      trans.__('The kernel is busy. The checkpoint is made when it is free.'),
      'in-progress',
      {
        autoClose: false,
        actions: [{ label: trans.__('Cancel'), callback: cancel }]
      }
    );
  };
  if (kernel.status === 'busy') {
    tell();
  }
  asked.add(kernel.id);
  try {
    return await checkpoints.force(kernel.id, tell);
  } catch (error) {
    if (wanted) {
      throw error;
    }
    return null;
  } finally {
    asked.delete(kernel.id);
    if (notice) {
      Notification.dismiss(notice);
    }
  }
}
