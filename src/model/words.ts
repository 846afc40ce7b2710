import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { nullTranslator } from '@jupyterlab/translation';

/**
 * What the server says: words in English, and where they have a reason how they were made.
 */
export interface ISaid {
  message: string;
  reason?: string | null;
  /** The message with `{name}` where a value of the metadata goes; the key of its translation. */
  template?: string | null;
  metadata?: Record<string, unknown> | null;
}

/** A place in a template, with the blank before it and quotes around it. */
const PLACE = /( ?)('?)\{(\w+)\}\2/g;

/**
 * Says in the user's language what the server says in English. Where there is no translation, or the
 * server gives less than one needs, it is what the server said.
 */
export class Words {
  /**
   * @param language - BCP 47; in English the server's own words are the best
   */
  constructor(
    private readonly _trans: TranslationBundle,
    language: string
  ) {
    this._english = language.startsWith('en');
  }

  /**
   * Those of the application's language.
   */
  static of(translator: ITranslator | null): Words {
    const trans = (translator ?? nullTranslator).load('jupyter_node_deploy');
    return new Words(trans, translator?.languageCode ?? 'en');
  }

  /**
   * A message.
   */
  say({ message, template, metadata }: ISaid): string {
    if (this._english || !template) {
      return message;
    }
    const translated = this._trans.gettext(template);
    return translated === template
      ? message
      : (this._filled(translated, metadata ?? {}) ?? message);
  }

  /**
   * Why a node, an instance or a revision is as it is.
   */
  reason(of: {
    reason: string;
    reason_info: Omit<ISaid, 'message'> | null;
  }): string {
    return this.say({ message: of.reason, ...of.reason_info });
  }

  /**
   * Fills a template as `Message` does in the server's errors.py; null where a value is missing.
   */
  private _filled(
    template: string,
    values: Record<string, unknown>
  ): string | null {
    let whole = true;
    const text = template.replace(
      PLACE,
      (_, blank: string, quote: string, name: string) => {
        whole &&= name in values;
        const value = values[name];
        const shown = (Array.isArray(value) ? value : [value])
          .map(one => this._shown(one))
          .join(`${quote}, ${quote}`);
        return shown || quote ? `${blank}${quote}${shown}${quote}` : '';
      }
    );
    return whole ? text : null;
  }

  private _shown(value: unknown): string {
    return typeof value === 'object' && value !== null
      ? this.say(value as ISaid)
      : String(value ?? '');
  }

  private readonly _english: boolean;
}
