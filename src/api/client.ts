import type { ServerConnection } from '@jupyterlab/services';

import { CheckpointsApi } from './checkpoints';
import type { Say } from './error';
import { asSaid } from './error';
import { followLog } from './logs';
import { NodesApi } from './nodes';
import { request } from './request';
import type {
  Configuration,
  ConfigurationList,
  Folder,
  FolderList,
  GatewayStatus,
  Health,
  IssuedToken,
  Secret,
  SecretList,
  ZoneInfo,
  ZoneList
} from './schema';

/**
 * Calls the control API with a JSON body; the typed methods are made of it.
 */
export type Requester = <T>(
  method: string,
  path: string,
  body?: unknown
) => Promise<T>;

/**
 * The control API, typed.
 */
export class Client {
  /**
   * @param say - puts what the server says into the user's language
   */
  constructor(
    readonly settings: ServerConnection.ISettings,
    private readonly _say: Say = asSaid
  ) {
    this._call = (method, path, body) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      return request(settings, path, { method, body: text }, _say);
    };
    this.checkpoints = new CheckpointsApi(this._call, _say);
    this.nodes = new NodesApi(this._call);
  }

  readonly checkpoints: CheckpointsApi;
  readonly nodes: NodesApi;

  async health(): Promise<Health> {
    const health = await this._call<Health>('GET', 'health');
    const missing = Object.entries(health.missing).map(([feature, message]) => [
      feature,
      this._say({ message, ...health.missing_info[feature] })
    ]);
    return { ...health, missing: Object.fromEntries(missing) };
  }

  gateway(): Promise<GatewayStatus> {
    return this._call('GET', 'gateway');
  }

  async folders(): Promise<Folder[]> {
    return (await this._call<FolderList>('GET', 'folders')).folders;
  }

  /**
   * @param folder - its id; the default one if none
   */
  async secrets(folder?: string): Promise<Secret[]> {
    const path = `secrets${inFolder(folder)}`;
    return (await this._call<SecretList>('GET', path)).secrets;
  }

  putSecret(name: string, value: string, folder?: string): Promise<Secret> {
    const body = { name, value, folder: folder ?? null };
    return this._call('POST', 'secrets', body);
  }

  deleteSecret(name: string, folder?: string): Promise<void> {
    const path = `secrets/${encodeURIComponent(name)}${inFolder(folder)}`;
    return this._call('DELETE', path);
  }

  async configurations(): Promise<Configuration[]> {
    const found = await this._call<ConfigurationList>('GET', 'configurations');
    return found.configurations;
  }

  async zones(): Promise<ZoneInfo[]> {
    return (await this._call<ZoneList>('GET', 'zones')).zones;
  }

  issueToken(
    folder: string,
    ttlSeconds: number,
    description: string
  ): Promise<IssuedToken> {
    const body = { folder, ttl_seconds: ttlSeconds, description };
    return this._call('POST', 'tokens', body);
  }

  /**
   * Hands each line of a node's log to `onLine` as it comes, until the signal aborts.
   */
  log(
    node: string,
    options: { follow: boolean; tail: number; signal: AbortSignal },
    onLine: (line: string) => void
  ): Promise<void> {
    return followLog(this.settings, node, options, onLine, this._say);
  }

  private readonly _call: Requester;
}

function inFolder(folder?: string): string {
  return folder ? `?folder=${encodeURIComponent(folder)}` : '';
}
