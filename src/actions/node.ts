import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Node } from '../api/schema';
import type { Store } from '../model/store';
import { attempt, done } from './notify';

/**
 * What a user can do with a node; each asks where something could be lost.
 */
export class NodeActions {
  constructor(
    private readonly _store: Store,
    private readonly _trans: TranslationBundle
  ) {}

  async suspend(node: Node): Promise<void> {
    const trans = this._trans;
    const accepted = await this._ask(
      trans.__('Suspend %1?', node.name),
      trans.__(
        'Its instances stop and requests are refused with 503 until you resume it. The address stays.'
      ),
      Dialog.okButton({ label: trans.__('Suspend') })
    );
    if (accepted) {
      await attempt(async () => {
        await this._api.suspend(node.id);
      });
    }
  }

  async resume(node: Node): Promise<void> {
    await attempt(async () => {
      await this._api.resume(node.id);
    });
  }

  async restart(node: Node): Promise<void> {
    const trans = this._trans;
    const accepted = await this._ask(
      trans.__('Restart %1?', node.name),
      trans.__(
        'New instances take the place of the old ones, with the secrets and the image of now.'
      ),
      Dialog.okButton({ label: trans.__('Restart') })
    );
    if (accepted) {
      await attempt(async () => {
        await this._api.restart(node.id);
      });
    }
  }

  async rollback(node: Node, revision: number): Promise<void> {
    const trans = this._trans;
    const accepted = await this._ask(
      trans.__('Roll %1 back to revision %2?', node.name, revision),
      trans.__(
        'Instances of that revision are started, then they take over from those of revision %1.',
        node.revision
      ),
      Dialog.okButton({ label: trans.__('Roll back') })
    );
    if (accepted) {
      await attempt(async () => {
        await this._api.rollback(node.id, revision);
        done(trans.__('Rolling back to revision %1.', revision));
      });
    }
  }

  /**
   * @returns whether it is going
   */
  async delete(node: Node): Promise<boolean> {
    const trans = this._trans;
    const accepted = await this._ask(
      trans.__('Delete %1?', node.name),
      trans.__(
        'Its address stops answering, and its %1 and its logs are lost. The checkpoint stays.',
        trans._n('%1 revision', '%1 revisions', node.revision)
      ),
      Dialog.warnButton({ label: trans.__('Delete') })
    );
    return (
      accepted &&
      attempt(async () => {
        await this._api.delete(node.id);
      })
    );
  }

  private async _ask(
    title: string,
    body: string,
    button: Readonly<Dialog.IButton>
  ): Promise<boolean> {
    const cancel = Dialog.cancelButton({ label: this._trans.__('Cancel') });
    const answer = await showDialog({ title, body, buttons: [cancel, button] });
    return answer.button.accept;
  }

  private get _api() {
    return this._store.client.nodes;
  }
}
