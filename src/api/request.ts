import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Say } from './error';
import { ApiError } from './error';

const NAMESPACE = 'jupyter-node-deploy/v1';

/**
 * Calls the control API and returns the answer, its body not yet read.
 *
 * @param path - the path below the API's version, such as `nodes`
 * @param say - puts a refusal into the user's language
 * @throws ApiError when the server refuses, ServerConnection.NetworkError when it is not there
 */
export async function open(
  settings: ServerConnection.ISettings,
  path: string,
  init: RequestInit = {},
  say?: Say
): Promise<Response> {
  const response = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, NAMESPACE, path),
    init,
    settings
  );
  if (!response.ok) {
    throw await ApiError.fromResponse(response, say);
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
  init: RequestInit = {},
  say?: Say
): Promise<T> {
  const response = await open(settings, path, init, say);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}
