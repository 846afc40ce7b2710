import { Notification } from '@jupyterlab/apputils';

import { messageOf } from '../api/error';

const SHORT = 4000; // ms

/**
 * Says briefly that something was done.
 */
export function done(message: string, actions?: Notification.IAction[]): void {
  Notification.success(message, { autoClose: SHORT, actions });
}

/**
 * Runs `work`; what goes wrong stays on the screen until the user has seen it.
 *
 * @returns whether it worked
 */
export async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    Notification.error(messageOf(error), { autoClose: false });
    return false;
  }
}
