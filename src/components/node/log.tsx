import * as React from 'react';

import type { Node } from '../../api/schema';
import { readable } from '../../model/log-line';
import { Check } from '../form/inputs';
import { Action } from '../part';
import { useUi } from '../ui';
import { useLogLines } from './log-lines';

/**
 * The node's log as it grows, with search and download.
 */
export function Log({ node }: { node: Node }): JSX.Element {
  const { trans } = useUi();
  const { lines, error } = useLogLines(node, 1000);
  const [follow, setFollow] = React.useState(true);
  const [search, setSearch] = React.useState('');
  const end = React.useRef<HTMLPreElement>(null);
  const low = search.toLowerCase();
  const shown = lines
    .filter(line => line.toLowerCase().includes(low))
    .map(readable);
  React.useEffect(() => {
    if (follow && end.current) {
      end.current.scrollTop = end.current.scrollHeight;
    }
  }, [shown.length, follow]);
  const download = () => {
    const url = URL.createObjectURL(new Blob([lines.join('\n') + '\n']));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${node.name}.log`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <div className="jp-NodeDeploy-beside">
        <input
          className="jp-NodeDeploy-input"
          type="search"
          aria-label={trans.__('Search the log')}
          placeholder={trans.__('Search the log')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        <Check label={trans.__('Follow')} value={follow} onChange={setFollow} />
        <Action
          label={trans.__('Download')}
          disabled={lines.length === 0}
          onClick={download}
        />
      </div>
      {error && <p className="jp-NodeDeploy-error">{error}</p>}
      <pre
        ref={end}
        className="jp-NodeDeploy-log"
        tabIndex={0}
        role="log"
        aria-label={trans.__('Logs')}
      >
        {shown.length
          ? shown.join('\n')
          : lines.length
            ? trans.__('No line matches the search.')
            : trans.__('Nothing was logged yet.')}
      </pre>
    </>
  );
}
