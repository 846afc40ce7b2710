import type { TranslationBundle } from '@jupyterlab/translation';

import type { FieldErrors } from './errors';

/**
 * Reads what was typed, and notes what cannot even be sent; the rest the server checks.
 */
export class Reader {
  constructor(readonly trans: TranslationBundle) {}

  readonly errors: FieldErrors = {};

  /**
   * A text that must not be empty.
   */
  text(typed: string, path: string): string {
    if (!typed.trim()) {
      this.errors[path] = this.trans.__('Required');
    }
    return typed.trim();
  }

  /**
   * A text of a certain form; `rule` says which.
   */
  matching(typed: string, path: string, form: RegExp, rule: string): string {
    const text = this.text(typed, path);
    if (text && !form.test(text)) {
      this.errors[path] = rule;
    }
    return text;
  }

  /**
   * A number, with a decimal point or comma.
   */
  number(typed: string, path: string): number {
    const value = Number(typed.replace(',', '.'));
    if (!typed.trim() || Number.isNaN(value)) {
      this.errors[path] = this.trans.__('Enter a number');
    }
    return value;
  }

  /**
   * A number, or null where nothing was typed.
   */
  optional(typed: string, path: string): number | null {
    return typed.trim() ? this.number(typed, path) : null;
  }

  json(typed: string, path: string): unknown {
    try {
      return JSON.parse(typed);
    } catch (error) {
      const { message } = error as Error;
      this.errors[path] = this.trans.__('Not JSON: %1', message);
      return null;
    }
  }
}

/**
 * The lines that hold something.
 */
export function lines(typed: string): string[] {
  return typed
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
}
