import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import * as React from 'react';

/**
 * What changed from one code to another, line by line.
 */
export function DiffView(props: {
  before: string;
  after: string;
  label: string;
}): JSX.Element {
  const host = React.useRef<HTMLDivElement>(null);
  const { before, after, label } = props;
  React.useLayoutEffect(() => {
    const view = new EditorView({
      parent: host.current!,
      doc: after,
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        unifiedMergeView({ original: before, mergeControls: false })
      ]
    });
    return () => view.destroy();
  }, [before, after, label]);
  return <div className="jp-NodeDeploy-editor jp-NodeDeploy-diff" ref={host} />;
}
