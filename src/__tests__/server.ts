import { ServerConnection } from '@jupyterlab/services';

import type { ErrorBody } from '../api/schema';
import { STANDARD } from './answers';
import { Socket } from './socket';

const BASE = 'http://lab.test/';
const API = 'jupyter-node-deploy/v1/';

/**
 * A request that the server got, such as `POST nodes/n1:rollback`: its path is below the API's
 * version and without the query.
 */
interface IAsked {
  request: string;
  body: unknown;
}

/**
 * Makes the body of an answer, or a whole answer.
 */
type Answerer = (
  asked: IAsked & { query: URLSearchParams; signal: AbortSignal }
) => unknown;

/**
 * A Jupyter server as the front end sees it: answers to requests, and events.
 */
export class Server {
  readonly asked: IAsked[] = [];
  readonly socket = new Socket();
  readonly settings = ServerConnection.makeSettings({
    baseUrl: BASE,
    wsUrl: 'ws://lab.test/',
    fetch: request => this._answer(request as Request),
    WebSocket: this.socket.connector
  });

  /**
   * Sets the body of the answer to a request, or what makes it.
   */
  on(request: string, answer: object | Answerer | undefined): this {
    this._answers.set(request, answer);
    return this;
  }

  /**
   * Refuses a request as the control API does.
   */
  refuse(
    request: string,
    message: string,
    more: Partial<ErrorBody> = {}
  ): this {
    const bare = { code: 9, details: [], metadata: null, reason: null };
    const body = JSON.stringify({ ...bare, message, ...more });
    return this.on(request, () => new Response(body, { status: 400 }));
  }

  /**
   * Leaves a request without its answer until the function returned is called.
   */
  hold(request: string): () => void {
    const answer = this._answers.get(request);
    let release = () => {};
    const released = new Promise<void>(resolve => (release = resolve));
    this.on(request, async asked => {
      await released;
      return typeof answer === 'function' ? answer(asked) : answer;
    });
    return release;
  }

  /**
   * The bodies of the requests of a kind, in the order in which they came.
   */
  bodies(request: string): unknown[] {
    return this.asked
      .filter(one => one.request === request)
      .map(one => one.body);
  }

  /**
   * The requests that change something.
   */
  get changes(): IAsked[] {
    return this.asked.filter(
      ({ request }) => !/^GET |:suggest$|:slice$/.test(request)
    );
  }

  private async _answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const path = decodeURIComponent(pathname).slice(1).replace(API, '');
    const text = await request.text();
    const asked = {
      request: `${request.method} ${path}`,
      body: text ? JSON.parse(text) : undefined
    };
    this.asked.push(asked);
    if (!this._answers.has(asked.request)) {
      return new Response('', { status: 404, statusText: asked.request });
    }
    const known = this._answers.get(asked.request);
    const answer =
      typeof known === 'function'
        ? await known({ ...asked, query: searchParams, signal: request.signal })
        : known;
    return answer instanceof Response
      ? answer
      : new Response(JSON.stringify(answer));
  }

  private readonly _answers = new Map<string, object | Answerer | undefined>(
    Object.entries(STANDARD)
  );
}
