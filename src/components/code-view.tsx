import { CodeEditor } from '@jupyterlab/codeeditor';
import * as React from 'react';

import { useUi } from './ui';

/**
 * Code in JupyterLab's own editor, highlighted and read-only.
 */
export function CodeView(props: {
  code: string;
  label: string;
  mimeType?: string;
}): JSX.Element {
  const { editors } = useUi();
  const host = React.useRef<HTMLDivElement>(null);
  const { code, label, mimeType = 'text/x-ipython' } = props;
  React.useLayoutEffect(() => {
    const model = new CodeEditor.Model({ mimeType });
    model.sharedModel.setSource(code);
    const editor = editors.factoryService.newInlineEditor({
      host: host.current!,
      model,
      config: { readOnly: true, lineNumbers: true }
    });
    host
      .current!.querySelector('[contenteditable], .cm-content')
      ?.setAttribute('aria-label', label);
    return () => {
      editor.dispose();
      model.dispose();
    };
  }, [code, label, mimeType]);
  return <div className="jp-NodeDeploy-editor" ref={host} />;
}
