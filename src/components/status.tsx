import * as React from 'react';

const LOOKS: Record<string, string> = {
  CREATED: 'wait',
  STARTED: 'wait',
  PREPARING: 'wait',
  DELETING: 'wait',
  HEALTHY: 'good',
  UNHEALTHY: 'bad',
  FAILED: 'bad',
  SUSPENDED: 'idle'
};
const SIGNS: Record<string, string> = { good: '✓', bad: '!', idle: '⏸' };

/**
 * A status in words, with a sign and a colour; its reason on hover.
 */
export function Status(props: {
  status: string;
  reason?: string;
}): JSX.Element {
  const look = LOOKS[props.status] ?? 'idle';
  return (
    <span
      className={`jp-NodeDeploy-status jp-mod-${look}`}
      title={props.reason || undefined}
    >
      <span className="jp-NodeDeploy-sign" aria-hidden="true">
        {SIGNS[look] ?? ''}
      </span>
      {props.status}
    </span>
  );
}
