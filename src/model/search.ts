import { Signal } from '@lumino/signaling';

/**
 * What the user looks for: every word has to occur.
 */
export class Search {
  readonly changed = new Signal<this, void>(this);

  get text(): string {
    return this._text;
  }

  set text(value: string) {
    if (value !== this._text) {
      this._text = value;
      this.changed.emit();
    }
  }

  /**
   * Asks for the focus, which whoever shows the search takes when it can.
   */
  focus(): void {
    this._wanted = true;
    this.changed.emit();
  }

  /**
   * Whether the focus was asked for since the last time that it was taken.
   */
  takeFocus(): boolean {
    const wanted = this._wanted;
    this._wanted = false;
    return wanted;
  }

  matches(haystack: string): boolean {
    const low = haystack.toLowerCase();
    return this._text
      .toLowerCase()
      .split(/\s+/)
      .every(word => low.includes(word));
  }

  private _text = '';
  private _wanted = false;
}
