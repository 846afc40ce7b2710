import * as React from 'react';

import { messageOf } from '../../api/error';
import type { Node, NodeAnswer, NodeRequest } from '../../api/schema';
import { headersOf } from '../../model/headers';
import { Lines, Select, Text } from '../form/inputs';
import { Action, Part } from '../part';
import { useUi } from '../ui';
import { Answer } from './answer';
import { Snippets } from './snippets';
import { NewToken } from './token';

const METHODS = (
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const
).map(method => [method, method] as const);

/**
 * A test request as it is typed. A cell takes its body alone: the input, as JSON.
 */
interface ITyped {
  method: NodeRequest['method'];
  path: string;
  headers: string;
  body: string;
}

/**
 * A test request, and the same as code for others to run.
 */
export function Request({ node }: { node: Node }): JSX.Element {
  const { store, trans } = useUi();
  const [typed, setTyped] = React.useState<ITyped>({
    method: node.cell ? 'POST' : 'GET',
    path: '/',
    headers: '',
    body: ''
  });
  const [answer, setAnswer] = React.useState<NodeAnswer | null>(null);
  const [error, setError] = React.useState('');
  const [ready, setReady] = React.useState(!node.cell); // has an example
  const [token, setToken] = React.useState('');
  const set = (change: Partial<ITyped>) =>
    setTyped(now => ({ ...now, ...change }));
  React.useEffect(() => {
    let current = true;
    if (node.cell) {
      void exampleOf(node, id => store.client.checkpoints.suggest(id)).then(
        body => {
          if (current) {
            setTyped(now => (now.body ? now : { ...now, body }));
            setReady(true);
          }
        }
      );
    }
    return () => {
      current = false;
    };
  }, [node.id]);
  const execute = async () => {
    setAnswer(null);
    setError('');
    const request = requestOf(node, typed);
    if (node.cell) {
      try {
        JSON.parse(typed.body);
      } catch (failure) {
        setError(trans.__('Not JSON: %1', messageOf(failure)));
        return;
      }
    }
    try {
      setAnswer(await store.client.nodes.request(node.id, request));
    } catch (failure) {
      setError(messageOf(failure));
    }
  };
  const protocol = node.docker?.endpoint.type ?? 'http';
  return (
    <>
      <Part title={trans.__('Create test request')}>
        {protocol === 'http' ? (
          <>
            {node.docker ? (
              <HttpFields typed={typed} set={set} />
            ) : (
              <Lines
                label={trans.__('Input')}
                path="input"
                code
                rows={rowsOf(typed.body, 4)}
                value={typed.body}
                onChange={body => set({ body })}
              />
            )}
            <Action
              label={trans.__('Execute')}
              look="accept"
              disabled={
                !ready || !['HEALTHY', 'UNHEALTHY'].includes(node.status)
              }
              title={
                node.status === 'HEALTHY'
                  ? undefined
                  : trans.__('The node is %1', node.status)
              }
              onClick={execute}
            />
          </>
        ) : (
          <p>
            {trans.__(
              'The node speaks %1: call it with a client of that protocol, through the gateway, with the headers of the code below.',
              protocol === 'grpc' ? 'gRPC' : 'HTTP/2'
            )}
          </p>
        )}
        <div aria-live="polite">
          {error && <p className="jp-NodeDeploy-error">{error}</p>}
          {answer && <Answer answer={answer} />}
        </div>
      </Part>
      <Part title={trans.__('Token')}>
        <NewToken folder={node.folder} token={token} onToken={setToken} />
      </Part>
      <Part title={trans.__('Code')}>
        <Snippets
          node={node}
          token={token}
          method={typed.method}
          path={typed.path}
          headers={headersOf(typed.headers)}
          body={typed.body}
        />
      </Part>
    </>
  );
}

/**
 * All of a request, for what is behind a Docker image.
 */
function HttpFields(props: {
  typed: ITyped;
  set: (change: Partial<ITyped>) => void;
}): JSX.Element {
  const { trans } = useUi();
  const { typed, set } = props;
  return (
    <>
      <div className="jp-NodeDeploy-beside">
        <Select
          label={trans.__('Method')}
          path="method"
          value={typed.method}
          onChange={method => set({ method })}
          options={METHODS}
        />
        <Text
          label={trans.__('Path')}
          path="path"
          code
          value={typed.path}
          onChange={path => set({ path })}
        />
      </div>
      <Lines
        label={trans.__('Headers')}
        path="headers"
        hint={trans.__('One in a line: Name: value')}
        code
        rows={2}
        value={typed.headers}
        onChange={headers => set({ headers })}
      />
      {typed.method !== 'GET' && typed.method !== 'HEAD' && (
        <Lines
          label={trans.__('Body')}
          path="body"
          code
          rows={rowsOf(typed.body, 3)}
          value={typed.body}
          onChange={body => set({ body })}
        />
      )}
    </>
  );
}

function rowsOf(text: string, least: number): number {
  return Math.min(14, Math.max(least, text.split('\n').length));
}

function requestOf(node: Node, typed: ITyped): NodeRequest {
  const { method, path, body } = typed;
  if (node.cell) {
    return {
      method: 'POST',
      path: `/v1/nodes/${node.id}:execute`,
      headers: { 'Content-Type': 'application/json' },
      body: `{"input": ${body}}` // as typed: long integers keep their digits
    };
  }
  const bodiless = method === 'GET' || method === 'HEAD';
  const headers = headersOf(typed.headers);
  return { method, path, headers, body: bodiless ? '' : body };
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
