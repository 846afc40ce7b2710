import { Signal } from '@lumino/signaling';

import { messageOf } from '../api/error';

/**
 * A list that the server has, and its last known state here.
 */
export class Collection<T> {
  constructor(private readonly _fetch: () => Promise<T[]>) {}

  readonly changed = new Signal<this, void>(this);

  /**
   * The items; null until they first came.
   */
  get items(): readonly T[] | null {
    return this._items;
  }

  /**
   * Why the items could not be had; null when the last attempt worked.
   */
  get error(): string | null {
    return this._error;
  }

  /**
   * Asks the server. Calls during a request lead to one more request, however many they are.
   */
  refresh(): Promise<void> {
    if (this._running) {
      this._again = true;
      return this._running;
    }
    this._running = this._run().finally(() => {
      this._running = null;
    });
    return this._running;
  }

  private async _run(): Promise<void> {
    do {
      this._again = false;
      try {
        this._items = await this._fetch();
        this._error = null;
      } catch (error) {
        this._error = messageOf(error);
      }
    } while (this._again);
    this.changed.emit();
  }

  private _items: T[] | null = null;
  private _error: string | null = null;
  private _running: Promise<void> | null = null;
  private _again = false;
}
