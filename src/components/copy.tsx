import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useUi } from './ui';

/**
 * Copies a text.
 */
export function Copy(props: { text: string; what: string }): JSX.Element {
  const { trans } = useUi();
  const [copied, setCopied] = React.useState(false);
  const label = copied ? trans.__('Copied') : trans.__('Copy: %1', props.what);
  const Icon = copied ? checkIcon : copyIcon;
  return (
    <button
      type="button"
      className="jp-NodeDeploy-icon"
      aria-label={label}
      title={label}
      onClick={() => {
        Clipboard.copyToSystem(props.text);
        setCopied(true);
        window.setTimeout(() => setCopied(false), 2000);
      }}
    >
      <Icon.react tag="span" />
    </button>
  );
}

/**
 * A text in full, with a button that copies it.
 */
export function Copyable(props: { text: string; what: string }): JSX.Element {
  return (
    <span className="jp-NodeDeploy-copyable">
      <code>{props.text}</code>
      <Copy {...props} />
    </span>
  );
}
