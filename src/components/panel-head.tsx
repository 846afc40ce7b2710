import * as React from 'react';

import type { Search } from '../model/search';
import { useSignal } from './hooks';
import { useUi } from './ui';

/**
 * The top of the panel: the search, and what is wrong with the server if something is.
 */
export function PanelHead({ search }: { search: Search }): JSX.Element {
  const { store, trans } = useUi();
  useSignal(search.changed);
  useSignal(store.onlineChanged);
  useSignal(store.checkpoints.changed);
  useSignal(store.nodes.changed);
  const input = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => {
    if (search.takeFocus()) {
      input.current?.focus();
    }
  });
  const label = trans.__('Search checkpoints and nodes');
  const refusal = store.checkpoints.error ?? store.nodes.error;
  return (
    <>
      <div role="status" aria-live="polite">
        {!store.online ? (
          <p className="jp-NodeDeploy-notice">
            {trans.__(
              'The Jupyter server does not answer. What you see may be out of date; it comes back by itself when the server does.'
            )}
          </p>
        ) : (
          refusal && <p className="jp-NodeDeploy-notice">{refusal}</p>
        )}
      </div>
      <input
        ref={input}
        className="jp-NodeDeploy-search jp-NodeDeploy-input"
        type="search"
        aria-label={label}
        placeholder={trans.__('Search')}
        value={search.text}
        onChange={event => (search.text = event.target.value)}
      />
    </>
  );
}
