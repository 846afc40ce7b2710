import type { ServerConnection } from '@jupyterlab/services';

import type { Say } from './error';
import { open } from './request';

/**
 * Hands each line of a node's log to `onLine` as it comes, until it ends or the signal aborts.
 */
export async function followLog(
  settings: ServerConnection.ISettings,
  node: string,
  options: { follow: boolean; tail: number; signal: AbortSignal },
  onLine: (line: string) => void,
  say?: Say
): Promise<void> {
  const words = `follow=${options.follow}&tail=${options.tail}`;
  const response = await open(
    settings,
    `nodes/${encodeURIComponent(node)}/logs?${words}`,
    { signal: options.signal },
    say
  );
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  while (reader) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  }
  if (rest) {
    onLine(rest);
  }
}
