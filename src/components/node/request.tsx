import * as React from 'react';

import type { IErrorDetail } from '../../api/error';
import { ApiError, messageOf } from '../../api/error';
import type { Node } from '../../api/schema';
import type { SnippetLanguage } from '../../model/snippets';
import { snippet } from '../../model/snippets';
import { CodeView } from '../code-view';
import { Copy } from '../copy';
import { Lines } from '../form/inputs';
import { Traceback } from '../output-view';
import { Action, Part } from '../part';
import { Tabs } from '../tabs';
import { useUi } from '../ui';
import { NewToken } from './token';

const MIME: Record<SnippetLanguage, string> = {
  curl: 'text/x-sh',
  python: 'text/x-python',
  javascript: 'text/javascript'
};

interface IAnswer {
  ok: boolean;
  status: string;
  seconds: number;
  text: string;
  details: IErrorDetail[];
}

/**
 * A test request, and the same as code for others to run.
 */
export function Request({ node }: { node: Node }): JSX.Element {
  const { store, trans } = useUi();
  const [input, setInput] = React.useState('');
  const [answer, setAnswer] = React.useState<IAnswer | null>(null);
  const [token, setToken] = React.useState('');
  React.useEffect(() => {
    let current = true;
    void exampleOf(node, id => store.client.checkpoints.suggest(id)).then(
      text => current && setInput(typed => typed || text)
    );
    return () => {
      current = false;
    };
  }, [node.id]);
  const execute = async () => {
    setAnswer(null);
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    try {
      const { output } = await store.client.nodes.execute(
        node.id,
        JSON.parse(input)
      );
      setAnswer({
        ok: true,
        status: '200',
        seconds: seconds(),
        text: JSON.stringify({ output }, null, 2),
        details: []
      });
    } catch (error) {
      const refused = error instanceof ApiError;
      setAnswer({
        ok: false,
        status: refused ? String(error.status) : '',
        seconds: seconds(),
        text: messageOf(error),
        details: refused ? error.details : []
      });
    }
  };
  return (
    <>
      <Part title={trans.__('Create test request')}>
        <Lines
          label={trans.__('Input')}
          path="input"
          code
          rows={Math.min(14, Math.max(4, input.split('\n').length))}
          value={input}
          onChange={setInput}
        />
        <Action
          label={trans.__('Execute')}
          look="accept"
          disabled={node.status !== 'HEALTHY' && node.status !== 'UNHEALTHY'}
          title={
            node.status === 'HEALTHY'
              ? undefined
              : trans.__('The node is %1', node.status)
          }
          onClick={execute}
        />
        <div aria-live="polite">{answer && <Answer answer={answer} />}</div>
      </Part>
      <Part title={trans.__('Token')}>
        <NewToken folder={node.folder} token={token} onToken={setToken} />
      </Part>
      <Part title={trans.__('Code')}>
        <Snippets node={node} input={input} token={token} />
      </Part>
    </>
  );
}

function Answer({ answer }: { answer: IAnswer }): JSX.Element {
  const { trans } = useUi();
  const raised = answer.details.find(one => one.traceback);
  return (
    <div className="jp-NodeDeploy-answer">
      <h3>{trans.__('Response')}</h3>
      <p className="jp-NodeDeploy-facts">
        {answer.status && (
          <span
            className={
              answer.ok ? 'jp-NodeDeploy-well' : 'jp-NodeDeploy-raised'
            }
          >
            {answer.status}
          </span>
        )}
        <span>{trans.__('%1 ms', Math.round(1000 * answer.seconds))}</span>
      </p>
      {answer.ok ? (
        <pre className="jp-NodeDeploy-json">{answer.text}</pre>
      ) : (
        <p className="jp-NodeDeploy-error">{answer.text}</p>
      )}
      {answer.details
        .filter(one => one.path)
        .map(one => (
          <p key={one.path} className="jp-NodeDeploy-error">
            <code>{one.path}</code>: {one.message}
          </p>
        ))}
      {raised && <Traceback error={raised} />}
    </div>
  );
}

function Snippets(props: {
  node: Node;
  input: string;
  token: string;
}): JSX.Element {
  const { trans } = useUi();
  const { node, token } = props;
  const code = (language: SnippetLanguage) =>
    snippet(language, {
      url: node.execute_url ?? '',
      folder: node.folder,
      token: token || '<TOKEN>',
      input: parsed(props.input)
    });
  const tab = (id: SnippetLanguage, label: string) => ({
    id,
    label,
    body: () => (
      <div className="jp-NodeDeploy-snippet">
        <CodeView code={code(id)} label={label} mimeType={MIME[id]} />
        <Copy text={code(id)} what={label} />
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/**
 * An input that works: the checkpoint's values, or the declared defaults.
 */
async function exampleOf(
  node: Node,
  suggest: (checkpoint: string) => Promise<{ input: Record<string, unknown> }>
): Promise<string> {
  const inputs = node.cell?.inputs ?? [];
  let known: Record<string, unknown> = {};
  try {
    known = (await suggest(node.cell?.checkpoint ?? '')).input;
  } catch {
    // The checkpoint is gone; the names alone still help.
  }
  const example = Object.fromEntries(
    inputs.map(one => [one.name, known[one.name] ?? one.default ?? null])
  );
  return JSON.stringify(example, null, 2);
}
