import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { messageOf } from '../api/error';
import type { Secret } from '../api/schema';
import type { Store } from '../model/store';
import type { ITypedSecret } from '../widgets/secret';
import { SecretFields } from '../widgets/secret';
import { attempt, done } from './notify';

const NAME = /^[A-Za-z][\w-]{1,61}[A-Za-z0-9]$/;

/**
 * What a user can do with secrets. A value goes to the server and never comes back.
 */
export class SecretActions {
  constructor(
    private readonly _store: Store,
    private readonly _trans: TranslationBundle
  ) {}

  /**
   * Asks for a name and a value until the server takes them.
   *
   * @param folder - its id; the default one if none
   * @param name - of the secret whose value is replaced; asked if none
   * @returns the name; null when the user thinks better of it
   */
  async put(folder?: string, name?: string): Promise<string | null> {
    const trans = this._trans;
    let typed: ITypedSecret | undefined;
    let refusal: string | undefined;
    for (;;) {
      const answer = await showDialog({
        title: name
          ? trans.__('New value of %1', name)
          : trans.__('New secret'),
        body: new SecretFields(trans, name, typed, refusal),
        focusNodeSelector: name ? '[type=password]' : '[type=text]',
        buttons: [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.okButton({ label: trans.__('Save') })
        ]
      });
      if (!answer.button.accept || !answer.value) {
        return null;
      }
      typed = answer.value;
      if (!NAME.test(typed.name)) {
        refusal = trans.__(
          'A name has 3 to 63 Latin letters, digits, hyphens and underscores; it begins with a letter and ends with a letter or a digit.'
        );
        continue;
      }
      try {
        await this._store.client.putSecret(typed.name, typed.value, folder);
        await this._store.secrets.refresh();
        done(
          name
            ? trans.__('Nodes get the new value when they are restarted.')
            : trans.__('The secret %1 is kept.', typed.name)
        );
        return typed.name;
      } catch (error) {
        refusal = messageOf(error);
      }
    }
  }

  async delete(secret: Secret): Promise<void> {
    const trans = this._trans;
    const answer = await showDialog({
      title: trans.__('Delete the secret %1?', secret.name),
      body: trans.__(
        'Its value is lost. While nodes use it, the server refuses.'
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Delete') })
      ]
    });
    if (answer.button.accept) {
      await attempt(async () => {
        await this._store.client.deleteSecret(secret.name, secret.folder);
        await this._store.secrets.refresh();
      });
    }
  }
}
