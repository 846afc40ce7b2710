import * as React from 'react';

import type { ReasonInfo } from '../api/schema';
import { useUi } from './ui';

/**
 * What the user should know, a sentence each; in the user's language where their reasons come along.
 */
export function Warnings(props: {
  warnings: string[];
  warnings_info?: (ReasonInfo | null)[];
}): JSX.Element {
  const { words } = useUi();
  const said = props.warnings.map((message, index) =>
    words.say({ message, ...props.warnings_info?.[index] })
  );
  return (
    <>
      {said.map(warning => (
        <p key={warning} className="jp-NodeDeploy-notice">
          {warning}
        </p>
      ))}
    </>
  );
}
