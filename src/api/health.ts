import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from './error';
import { request } from './request';

/**
 * What keeps the server extension from answering, in words for the user; null when it answers.
 */
export async function serverProblem(
  settings: ServerConnection.ISettings,
  trans: TranslationBundle
): Promise<string | null> {
  try {
    await request(settings, 'health');
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return trans.__(
        'The server extension of jupyter_node_deploy is not enabled on %1. In the environment that runs the Jupyter server run "pip install jupyter_node_deploy" and "jupyter server extension enable jupyter_node_deploy", then restart the server. "jupyter server extension list" shows whether it loads.',
        settings.baseUrl
      );
    }
    return trans.__(
      'The server extension of jupyter_node_deploy does not answer: %1',
      error instanceof Error ? error.message : String(error)
    );
  }
}
