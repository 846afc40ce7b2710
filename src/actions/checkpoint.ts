import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { Session } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CheckpointSummary } from '../api/schema';
import type { Store } from '../model/store';
import { kernelFor } from './kernel';
import { attempt, done } from './notify';
import { proposedName } from './names';

/**
 * What a user can do with a checkpoint; each asks where something could be lost.
 */
export class CheckpointActions {
  constructor(
    private readonly _store: Store,
    private readonly _sessions: Session.IManager,
    private readonly _trans: TranslationBundle
  ) {}

  async pin(checkpoint: CheckpointSummary): Promise<void> {
    const trans = this._trans;
    const answer = await InputDialog.getText({
      title: trans.__('Pin the checkpoint'),
      label: trans.__('Name'),
      text: proposedName(checkpoint, this._store.checkpoints.items ?? []),
      okLabel: trans.__('Pin')
    });
    const name = answer.value?.trim();
    if (!answer.button.accept || !name) {
      return;
    }
    await attempt(async () => {
      await this._api.pin(checkpoint.id, name);
      done(trans.__('Pinned as %1.', name));
    });
  }

  /**
   * Pins a checkpoint under a proposed name unless it is pinned.
   *
   * @returns whether it is
   */
  ensurePinned(id: string): Promise<boolean> {
    return attempt(async () => {
      const checkpoint = await this._api.get(id);
      if (!checkpoint.pinned) {
        const pinned = await this._api.list({ pinned: true, limit: 1000 });
        const name = proposedName(checkpoint, pinned);
        await this._api.pin(checkpoint.id, name);
      }
    });
  }

  async unpin(checkpoint: CheckpointSummary): Promise<void> {
    await attempt(async () => {
      await this._api.unpin(checkpoint.id);
      done(this._trans.__('Unpinned: it may rotate out again.'));
    });
  }

  async apply(checkpoint: CheckpointSummary): Promise<void> {
    const trans = this._trans;
    const kernel = await kernelFor(checkpoint, this._sessions, trans);
    if (!kernel) {
      return;
    }
    const answer = await showDialog({
      title: trans.__('Apply the checkpoint?'),
      body: trans.__(
        'The variables of the kernel are replaced by those of the checkpoint. What there is now is kept as a checkpoint of its own (Rollback), so that you can go back.'
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Apply') })
      ]
    });
    if (answer.button.accept) {
      await attempt(async () => {
        await this._api.apply(checkpoint.id, kernel);
        done(trans.__('The variables are as they were in the checkpoint.'));
      });
    }
  }

  /**
   * @returns whether it is gone
   */
  async delete(checkpoint: CheckpointSummary): Promise<boolean> {
    const trans = this._trans;
    const answer = await showDialog({
      title: trans.__('Delete the checkpoint?'),
      body: trans.__(
        'Its code, its outputs and its saved variables are lost. Nodes made from it go on.'
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Delete') })
      ]
    });
    return (
      answer.button.accept && attempt(() => this._api.delete(checkpoint.id))
    );
  }

  private get _api() {
    return this._store.client.checkpoints;
  }
}
