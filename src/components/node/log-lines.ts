import * as React from 'react';

import { messageOf } from '../../api/error';
import type { Node } from '../../api/schema';
import { useSignal } from '../hooks';
import { useUi } from '../ui';

const KEPT = 5000; // lines
const SHOWN_AT_ONCE = 100; // ms between two renderings while lines pour in

/**
 * The node's log as it grows.
 *
 * @param tail - lines of what was logged before
 */
export function useLogLines(
  node: Node,
  tail: number
): { lines: string[]; error: string } {
  const { store } = useUi();
  useSignal(store.onlineChanged);
  const [lines, setLines] = React.useState<string[]>([]);
  const [error, setError] = React.useState('');
  // The stream is that of the instances there are, and ends with them.
  const instances = node.instances
    .map(one => `${one.id} ${one.started_at}`)
    .join();
  React.useEffect(() => {
    const stop = new AbortController();
    let kept: string[] = [];
    let timer = 0;
    setError('');
    const show = () => {
      timer = 0;
      kept = kept.slice(-KEPT);
      setLines(kept);
    };
    const add = (line: string) => {
      kept.push(line);
      timer ||= window.setTimeout(show, SHOWN_AT_ONCE);
    };
    const options = { follow: true, tail, signal: stop.signal };
    store.client.log(node.id, options, add).catch(failure => {
      if (!stop.signal.aborted) {
        setError(messageOf(failure));
      }
    });
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [node.id, instances, tail, store.online]);
  return { lines, error };
}
