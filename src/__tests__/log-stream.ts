import { ReadableStream } from 'node:stream/web';

/**
 * The log of a node, as the server sends it to whoever asked last.
 */
export class LogStream {
  /** How many have asked, and how many of them have gone. */
  opened = 0;
  aborted = 0;

  readonly answer = ({ signal }: { signal: AbortSignal }): Response => {
    this.opened++;
    const body = new ReadableStream<Uint8Array>({
      start: controller => {
        this._controller = controller;
        signal.addEventListener('abort', () => {
          this.aborted++;
          controller.error(signal.reason);
        });
      }
    });
    return new Response(body as unknown as BodyInit);
  };

  write(text: string): void {
    this._controller!.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this._controller!.close();
  }

  private _controller: {
    enqueue: (bytes: Uint8Array) => void;
    close: () => void;
  } | null = null;
}
