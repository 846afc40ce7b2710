import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { Session } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CheckpointSummary } from '../api/schema';

/**
 * The kernel that a checkpoint is to be applied to: the one it came from, else the one of its
 * notebook, else the one that the user chooses; null when there is none.
 */
export async function kernelFor(
  checkpoint: CheckpointSummary,
  sessions: Session.IManager,
  trans: TranslationBundle
): Promise<string | null> {
  await sessions.refreshRunning();
  const running = [...sessions.running()].filter(one => one.kernel);
  const found =
    running.find(one => one.kernel!.id === checkpoint.kernel_id) ??
    running.find(one => one.path === checkpoint.notebook);
  if (found) {
    return found.kernel!.id;
  }
  if (running.length === 0) {
    await showErrorMessage(
      trans.__('No kernel is running'),
      trans.__('Open a notebook with a Python kernel, then apply again.')
    );
    return null;
  }
  const names = running.map(one => one.path);
  const choice = await InputDialog.getItem({
    title: trans.__('Apply to which notebook?'),
    items: names,
    okLabel: trans.__('Choose')
  });
  const chosen = choice.button.accept ? names.indexOf(choice.value ?? '') : -1;
  return running[chosen]?.kernel?.id ?? null;
}
