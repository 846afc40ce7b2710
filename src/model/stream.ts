import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

const FIRST_DELAY = 500; // ms
const LAST_DELAY = 8000; // ms

/**
 * An event of the Jupyter server.
 */
export interface IEvent {
  schema_id: string;
  [name: string]: unknown;
}

/**
 * The Jupyter server's event stream, with what Lab's own hides: whether it is open. An open one
 * tells at once when the server goes, and each opening tells that events may have been missed.
 */
export class EventStream implements IDisposable {
  constructor(private readonly _settings: ServerConnection.ISettings) {
    this._connect();
  }

  readonly event = new Signal<this, IEvent>(this);
  readonly openChanged = new Signal<this, boolean>(this);
  isDisposed = false;

  dispose(): void {
    this.isDisposed = true;
    window.clearTimeout(this._timer);
    this._socket?.close();
    Signal.clearData(this);
  }

  private _connect(): void {
    const { appendToken, token, WebSocket, wsUrl } = this._settings;
    let url = URLExt.join(wsUrl, 'api/events/subscribe');
    if (appendToken && token) {
      url += `?token=${encodeURIComponent(token)}`;
    }
    const socket = (this._socket = new WebSocket(url));
    socket.onopen = () => {
      this._delay = FIRST_DELAY;
      this.openChanged.emit(true);
    };
    socket.onmessage = message => this.event.emit(JSON.parse(message.data));
    socket.onclose = () => {
      if (this.isDisposed) {
        return;
      }
      this.openChanged.emit(false);
      this._timer = window.setTimeout(() => this._connect(), this._delay);
      this._delay = Math.min(2 * this._delay, LAST_DELAY);
    };
  }

  private _delay = FIRST_DELAY;
  private _timer = 0;
  private _socket: WebSocket | null = null;
}
