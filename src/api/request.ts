import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ApiError } from './error';

const NAMESPACE = 'jupyter-node-deploy/v1';

/**
 * Calls the control API.
 *
 * @param path - the path below the API's version, such as `nodes`
 * @returns the parsed body; undefined when there is none
 * @throws ApiError when the server refuses, ServerConnection.NetworkError when it is not there
 */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  init: RequestInit = {}
): Promise<T> {
  const response = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, NAMESPACE, path),
    init,
    settings
  );
  if (!response.ok) {
    throw await ApiError.fromResponse(response);
  }
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}
