import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { useUi } from './ui';

/**
 * A cell's outputs as a notebook shows them. They are not trusted: a catalog may be shared, and
 * nobody else's scripts are to run here.
 */
export function OutputView({ outputs }: { outputs: unknown[] }): JSX.Element {
  const { rendermime } = useUi();
  const host = React.useRef<HTMLDivElement>(null);
  // A layout effect: its end comes while the host is still in the document.
  React.useLayoutEffect(() => {
    const model = new OutputAreaModel({
      values: outputs as IOutput[],
      trusted: false
    });
    const area = new SimplifiedOutputArea({ model, rendermime });
    Widget.attach(area, host.current!);
    return () => {
      area.dispose();
      model.dispose();
    };
  }, [JSON.stringify(outputs)]);
  return <div className="jp-NodeDeploy-outputs" ref={host} />;
}

/**
 * A traceback, with its colours.
 */
export function Traceback(props: {
  error: { error_name?: string; error_message?: string; traceback?: string[] };
}): JSX.Element {
  const { error_name, error_message, traceback } = props.error;
  const output = {
    output_type: 'error',
    ename: error_name ?? '',
    evalue: error_message ?? '',
    traceback: traceback?.length
      ? traceback
      : [`${error_name ?? 'Error'}: ${error_message ?? ''}`]
  };
  return <OutputView outputs={[output]} />;
}
