import type { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/**
 * A secret as it is typed.
 */
export interface ITypedSecret {
  name: string;
  value: string;
}

/**
 * The fields of the dialog that asks for a secret.
 */
export class SecretFields
  extends Widget
  implements Dialog.IBodyWidget<ITypedSecret>
{
  /**
   * @param fixed - the name, when only a value is asked
   * @param typed - what was typed before
   * @param refusal - what was wrong with it
   */
  constructor(
    trans: TranslationBundle,
    private readonly _fixed?: string,
    typed?: ITypedSecret,
    refusal?: string
  ) {
    super();
    this.addClass('jp-NodeDeploy');
    this.addClass('jp-NodeDeploy-dialog');
    this._name = this._input(trans.__('Name'), 'text', typed?.name);
    this._value = this._input(trans.__('Value'), 'password', typed?.value);
    this._name.parentElement!.hidden = Boolean(_fixed);
    this._say(
      trans.__('It is stored encrypted, and is never shown again.'),
      'hint'
    );
    if (refusal) {
      this._say(refusal, 'error').setAttribute('role', 'alert');
    }
  }

  getValue(): ITypedSecret {
    return {
      name: this._fixed ?? this._name.value.trim(),
      value: this._value.value
    };
  }

  private _input(
    label: string,
    type: 'text' | 'password',
    value = ''
  ): HTMLInputElement {
    const field = document.createElement('label');
    field.className = 'jp-NodeDeploy-field';
    field.append(label);
    const input = document.createElement('input');
    input.type = type;
    input.value = value;
    input.autocomplete = type === 'password' ? 'new-password' : 'off';
    input.className = 'jp-NodeDeploy-input';
    field.append(input);
    this.node.append(field);
    return input;
  }

  private _say(text: string, look: 'hint' | 'error'): HTMLElement {
    const words = document.createElement('p');
    words.className = `jp-NodeDeploy-${look}`;
    words.textContent = text;
    this.node.append(words);
    return words;
  }

  private readonly _name: HTMLInputElement;
  private readonly _value: HTMLInputElement;
}
