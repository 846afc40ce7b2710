import * as React from 'react';

import type { Node } from '../../api/schema';
import type { ICall, SnippetLanguage } from '../../model/snippets';
import { snippet } from '../../model/snippets';
import { CodeView } from '../code-view';
import { Copy } from '../copy';
import { Tabs } from '../tabs';
import { useUi } from '../ui';

const MIME: Record<SnippetLanguage, string> = {
  curl: 'text/x-sh',
  python: 'text/x-python',
  javascript: 'text/javascript'
};

interface IProps {
  node: Node;
  token: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * The request as code for others to run.
 */
export function Snippets(props: IProps): JSX.Element {
  const { trans } = useUi();
  const call = callOf(props);
  const tab = (id: SnippetLanguage, label: string) => ({
    id,
    label,
    body: () => (
      <div className="jp-NodeDeploy-snippet">
        <CodeView code={snippet(id, call)} label={label} mimeType={MIME[id]} />
        <Copy text={snippet(id, call)} what={label} />
      </div>
    )
  });
  return (
    <Tabs
      label={trans.__('Code')}
      tabs={[
        tab('curl', 'cURL'),
        tab('python', 'Python'),
        tab('javascript', 'JavaScript')
      ]}
    />
  );
}

/**
 * A cell is called at its execute URL; whatever is behind a Docker image at its own paths, and headers
 * say which node is meant.
 */
function callOf({ node, ...typed }: IProps): ICall {
  const token = typed.token || '<TOKEN>';
  const url = node.execute_url ?? '';
  if (node.cell) {
    const body = { folder_id: node.folder, input: parsed(typed.body) };
    return { method: 'POST', url, token, headers: {}, body };
  }
  const bodiless = ['GET', 'HEAD'].includes(typed.method);
  return {
    method: typed.method,
    url: url.replace(/\/v1\/nodes\/[^/]*$/, '') + typed.path,
    token,
    headers: {
      'x-node-id': node.id,
      'x-folder-id': node.folder,
      ...typed.headers
    },
    body: bodiless ? undefined : typed.body
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
