import * as React from 'react';

import { ApiError, messageOf } from '../../api/error';
import type { DryRun, NodeCreate } from '../../api/schema';
import { OutputView, Traceback } from '../output-view';
import { Action, Part } from '../part';
import { useUi } from '../ui';
import { Warnings } from '../warnings';
import { Lines } from './inputs';

type Result = { run: DryRun } | { error: string };

/**
 * Runs the cell once with an example, before anything is created.
 */
export function Test(props: {
  input: string;
  onInput: (text: string) => void;
  /** Reads the form; null when it has errors, which it shows. */
  read: () => NodeCreate | null;
  onRefused: (error: ApiError) => void;
  /** Puts a file that the cell reads into the form. */
  onTake: (field: 'files' | 'mounts', path: string) => void;
}): JSX.Element {
  const { store, trans } = useUi();
  const [result, setResult] = React.useState<Result | null>(null);
  const end = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (result) {
      end.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [result]);
  const test = async () => {
    setResult(null);
    const node = props.read();
    if (!node) {
      return;
    }
    try {
      const input = JSON.parse(props.input || '{}');
      setResult({ run: await store.client.nodes.validate(node, input) });
    } catch (error) {
      if (error instanceof ApiError) {
        props.onRefused(error);
        if (error.isOfFields) {
          return; // They say it.
        }
      }
      setResult({ error: messageOf(error) });
    }
  };
  return (
    <Part title={trans.__('Test')}>
      <Lines
        label={trans.__('Example input (JSON)')}
        path="input"
        code
        rows={Math.min(14, Math.max(3, props.input.split('\n').length))}
        value={props.input}
        onChange={props.onInput}
      />
      <Action label={trans.__('Test')} onClick={test} />
      <div ref={end} aria-live="polite">
        {result && <Shown result={result} onTake={props.onTake} />}
      </div>
    </Part>
  );
}

function Shown(props: {
  result: Result;
  onTake: (field: 'files' | 'mounts', path: string) => void;
}): JSX.Element {
  const { result } = props;
  const { trans } = useUi();
  if ('error' in result) {
    return <p className="jp-NodeDeploy-error">{result.error}</p>;
  }
  const { run } = result;
  return (
    <>
      <p className={run.ok ? 'jp-NodeDeploy-well' : 'jp-NodeDeploy-error'}>
        {run.ok
          ? trans.__('It works: the cell ran in %1 s.', secondsOf(run))
          : trans.__('The cell did not give what the node has to return.')}
      </p>
      <Warnings {...run} />
      <Offers run={run} onTake={props.onTake} />
      {run.output && (
        <>
          <h3>{trans.__('Response')}</h3>
          <pre className="jp-NodeDeploy-json">
            {JSON.stringify(run.output, null, 2)}
          </pre>
        </>
      )}
      {run.stdout && (
        <>
          <h3>{trans.__('Printed')}</h3>
          <OutputView
            outputs={[
              { output_type: 'stream', name: 'stdout', text: run.stdout }
            ]}
          />
        </>
      )}
      {run.error && <Traceback error={run.error} />}
    </>
  );
}

/**
 * What to do with files that the cell reads and the node does not have; to leave them is to go on.
 */
function Offers(props: {
  run: DryRun;
  onTake: (field: 'files' | 'mounts', path: string) => void;
}): JSX.Element {
  const { trans } = useUi();
  const [taken, setTaken] = React.useState<string[]>([]);
  const offers = (reason: string) =>
    props.run.warnings_info
      .filter(info => info?.reason === reason)
      .flatMap(info => (info?.metadata.files ?? []) as string[]);
  const button = (field: 'files' | 'mounts', path: string, label: string) => (
    <button
      key={path}
      type="button"
      className="jp-NodeDeploy-button"
      disabled={taken.includes(path)}
      onClick={() => {
        props.onTake(field, path);
        setTaken([...taken, path]);
      }}
    >
      {label}
    </button>
  );
  return (
    <>
      {offers('FILES_LEFT_BEHIND').map(path =>
        button('files', path, trans.__('Take %1 along', path))
      )}
      {offers('FILES_OUTSIDE').map(path =>
        button('mounts', path, trans.__('Mount %1', path))
      )}
    </>
  );
}

function secondsOf({ seconds }: DryRun): string {
  return seconds < 0.005 ? '< 0.01' : seconds.toFixed(2);
}
