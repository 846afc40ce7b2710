import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ApiError } from './error';

const NAMESPACE = 'jupyter-node-deploy/v1';

/**
 * Calls the control API and returns the answer, its body not yet read.
 *
 * @param path - the path below the API's version, such as `nodes`
 * @throws ApiError when the server refuses, ServerConnection.NetworkError when it is not there
 */
export async function open(
  settings: ServerConnection.ISettings,
  path: string,
  init: RequestInit = {}
): Promise<Response> {
  const response = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, NAMESPACE, path),
    init,
    settings
  );
  if (!response.ok) {
    throw await ApiError.fromResponse(response);
  }
  return response;
}

/**
 * Calls the control API.
 *
 * @returns the parsed body; undefined when there is none
 */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  init: RequestInit = {}
): Promise<T> {
  const response = await open(settings, path, init);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}
