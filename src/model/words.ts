import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { nullTranslator } from '@jupyterlab/translation';

import { MESSAGES } from './reasons';

/**
 * What the server says: words in English, and where it has one the reason that they go by.
 */
export interface ISaid {
  message: string;
  reason?: string | null;
  metadata?: Record<string, unknown> | null;
}

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
  say(said: ISaid): string {
    const write = this._english ? undefined : MESSAGES[said.reason ?? ''];
    if (!write) {
      return said.message;
    }
    let whole = true;
    const text = write(this._trans, name => {
      const value = said.metadata?.[name];
      whole &&= value !== undefined && value !== null;
      return this._shown(value);
    });
    return whole ? text.trim() : said.message;
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

  private _shown(value: unknown): string {
    if (Array.isArray(value)) {
      return value.map(one => this._shown(one)).join(', ');
    }
    return typeof value === 'object' && value !== null
      ? this.say(value as ISaid)
      : String(value);
  }

  private readonly _english: boolean;
}
