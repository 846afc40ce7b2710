import { act } from '@testing-library/react';

const SCHEMAS = 'https://jupyter-node-deploy.readthedocs.io/events';

/**
 * The far end of the event stream.
 */
export class Socket {
  /** Opens the near end, in the place of the browser's WebSocket. */
  readonly connector = (() => {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const far = this;
    return class {
      constructor() {
        far._near = this;
      }
      onopen = () => {};
      onclose = () => {};
      onmessage: (message: { data: string }) => void = () => {};
      close(): void {
        this.onclose();
      }
    } as unknown as typeof WebSocket;
  })();

  /**
   * Tells that something has happened to a checkpoint, a node or a secret.
   */
  tell(
    kind: 'checkpoint' | 'node' | 'secret',
    action: 'created' | 'changed' | 'deleted',
    id: string
  ): void {
    const schema_id = `${SCHEMAS}/${kind}/v1`;
    act(() =>
      this._near!.onmessage({ data: JSON.stringify({ schema_id, action, id }) })
    );
  }

  open(): void {
    act(() => this._near!.onopen());
  }

  close(): void {
    act(() => this._near!.onclose());
  }

  private _near: {
    onopen: () => void;
    onclose: () => void;
    onmessage: (message: { data: string }) => void;
  } | null = null;
}
