import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import type { CheckpointSummary, Kept, Node, Secret } from '../api/schema';
import { Collection } from './collection';
import type { EventStream, IEvent } from './stream';

const SCHEMA =
  /^https:\/\/jupyter-node-deploy\.readthedocs\.io\/events\/(checkpoint|node|secret)\/v\d+$/;

const SOME = 100; // checkpoints that are listed unless all are asked for
const PAGE = 1000; // checkpoints that the server lists at a time

const FIRST_RETRY = 1000; // ms
const LAST_RETRY = 60_000; // ms

/**
 * That a checkpoint, a node or a secret changed; without an id, any may have.
 */
export interface IChange {
  kind?: 'checkpoint' | 'node' | 'secret';
  id?: string;
  action?: string;
}

/**
 * What the server has, kept up to date by its events and read anew whenever the server comes back.
 */
export class Store implements IDisposable {
  constructor(
    readonly client: Client,
    private readonly _stream: EventStream
  ) {
    this.checkpoints = new Collection(() => this._newest());
    this.nodes = new Collection(() => client.nodes.list());
    this.secrets = new Collection(() => everySecret(client));
    _stream.event.connect(this._onEvent, this);
    _stream.openChanged.connect(this._onOpen, this);
  }

  /** The newest, or all of them. */
  readonly checkpoints: Collection<CheckpointSummary>;
  readonly nodes: Collection<Node>;
  /** Those of all folders; read when they are first shown. */
  readonly secrets: Collection<Secret>;
  readonly changed = new Signal<this, IChange>(this);
  readonly onlineChanged = new Signal<this, boolean>(this);
  readonly checkpointFailed = new Signal<this, string>(this);
  isDisposed = false;

  /**
   * Whether the server is there, as far as known.
   */
  get online(): boolean {
    return this._online;
  }

  /**
   * What the server keeps of checkpoints; null until that is known.
   */
  get kept(): Kept | null {
    return this._kept;
  }

  /**
   * Lists all checkpoints from now on.
   */
  async showAll(): Promise<void> {
    this._all = true;
    await this.checkpoints.refresh();
  }

  /**
   * Reads the lists anew; while the server refuses, such as when it is still starting, again later.
   */
  async refresh(delay = FIRST_RETRY): Promise<void> {
    window.clearTimeout(this._timer);
    await Promise.all([this.checkpoints.refresh(), this.nodes.refresh()]);
    const refused = this.checkpoints.error || this.nodes.error;
    if (refused && this._online && !this.isDisposed) {
      this._timer = window.setTimeout(
        () => void this.refresh(Math.min(2 * delay, LAST_RETRY)),
        delay
      );
    } else if (!refused && delay > FIRST_RETRY) {
      this.changed.emit({}); // Pages could not read anything either.
    }
  }

  dispose(): void {
    this.isDisposed = true;
    window.clearTimeout(this._timer);
    this._stream.dispose();
    Signal.clearData(this);
  }

  private _onEvent(_: EventStream, event: IEvent): void {
    const kind = SCHEMA.exec(event.schema_id)?.[1] as IChange['kind'];
    if (!kind) {
      return;
    }
    const action = String(event.action);
    if (action === 'failed') {
      this.checkpointFailed.emit(String(event.message));
      return;
    }
    if (kind === 'secret') {
      this._refreshSecrets();
    } else {
      void (kind === 'node' ? this.nodes : this.checkpoints).refresh();
    }
    this.changed.emit({ kind, id: String(event.id), action });
  }

  private _onOpen(_: EventStream, open: boolean): void {
    if (open) {
      void this.refresh();
      this._refreshSecrets();
      this.changed.emit({});
    }
    if (open !== this._online) {
      this._online = open;
      this.onlineChanged.emit(open);
    }
  }

  private async _newest(): Promise<CheckpointSummary[]> {
    const { checkpoints } = this.client;
    const limit = this._all ? PAGE : SOME;
    const { checkpoints: found, kept } = await checkpoints.page({ limit });
    let last = found;
    while (this._all && last.length === PAGE) {
      const before = last[PAGE - 1].created_at;
      last = await checkpoints.list({ limit, before });
      found.push(...last);
    }
    this._kept = kept;
    return found;
  }

  private _refreshSecrets(): void {
    if (this.secrets.items) {
      void this.secrets.refresh();
    }
  }

  private _all = false;
  private _kept: Kept | null = null;
  private _online = true;
  private _timer = 0;
}

async function everySecret(client: Client): Promise<Secret[]> {
  const folders = await client.folders();
  const found = await Promise.all(folders.map(one => client.secrets(one.id)));
  return found.flat();
}
