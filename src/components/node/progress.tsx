import * as React from 'react';

import type { Node } from '../../api/schema';
import { readable } from '../../model/log-line';
import type { IStep, StepName } from '../../model/steps';
import { stepsOf } from '../../model/steps';
import { useUi } from '../ui';
import { useLogLines } from './log-lines';

const LINES = 6;
const SIGNS = { done: '✓', now: '', next: '', failed: '!' };

/**
 * How the node comes up, step by step, with what it logs meanwhile; nothing once it is up.
 */
export function Progress(props: {
  node: Node;
  onShowLog: () => void;
}): JSX.Element {
  const steps = stepsOf(props.node);
  return <>{steps.length > 0 && <Rising {...props} steps={steps} />}</>;
}

function Rising(props: {
  node: Node;
  steps: IStep[];
  onShowLog: () => void;
}): JSX.Element {
  const { trans } = useUi();
  const { node, steps } = props;
  const { lines } = useLogLines(node, LINES);
  const last = lines.slice(-LINES).map(readable);
  const done = steps.filter(one => one.state === 'done').length;
  const words: Record<StepName, string> = {
    image: node.docker
      ? trans.__('Pulling the image')
      : trans.__('Building the environment'),
    start: trans.__('Starting'),
    check: trans.__('Health check')
  };
  const states = {
    done: trans.__('done'),
    now: trans.__('under way'),
    next: trans.__('to come'),
    failed: trans.__('failed')
  };
  return (
    <div className="jp-NodeDeploy-rising">
      <progress
        aria-label={trans.__('Start of the node')}
        max={steps.length}
        value={done}
      />
      <ol className="jp-NodeDeploy-steps">
        {steps.map(({ name, state }) => (
          <li key={name} className={`jp-NodeDeploy-step jp-mod-${state}`}>
            <span className="jp-NodeDeploy-sign" aria-hidden="true">
              {SIGNS[state]}
            </span>
            {words[name]}
            <span className="jp-NodeDeploy-hidden">: {states[state]}</span>
          </li>
        ))}
      </ol>
      {last.length > 0 && (
        <>
          <pre
            className="jp-NodeDeploy-log jp-mod-last"
            tabIndex={0}
            aria-label={trans.__('The last log lines')}
          >
            {last.join('\n')}
          </pre>
          <button
            type="button"
            className="jp-NodeDeploy-link"
            onClick={props.onShowLog}
          >
            {trans.__('Show all')}
          </button>
        </>
      )}
    </div>
  );
}
