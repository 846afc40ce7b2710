import * as React from 'react';

import type { Node } from '../../api/schema';
import { Copyable } from '../copy';
import { useLoaded } from '../hooks';
import { Action } from '../part';
import { Empty } from '../rows';
import { Status } from '../status';
import { Tabs } from '../tabs';
import { useUi } from '../ui';
import { Log } from './log';
import { Overview } from './overview';
import { Progress } from './progress';
import { Request } from './request';
import { Revisions } from './revisions';

/**
 * A node: its status and address, and its tabs.
 */
export function NodePage(props: {
  id: string;
  onTitle: (title: string) => void;
  onGone: () => void;
}): JSX.Element {
  const { store, trans } = useUi();
  const { value: node, error } = useLoaded('node', props.id, () =>
    store.client.nodes.get(props.id)
  );
  const [tab, setTab] = React.useState('overview');
  React.useEffect(() => {
    if (node) {
      props.onTitle(node.name);
    }
  }, [node?.name]);
  React.useEffect(() => {
    const slot = (_: unknown, change: { id?: string; action?: string }) => {
      if (change.id === props.id && change.action === 'deleted') {
        props.onGone();
      }
    };
    store.changed.connect(slot);
    return () => {
      store.changed.disconnect(slot);
    };
  }, [props.id]);
  if (!node) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  return (
    <main className="jp-NodeDeploy-page">
      <Head node={node} onShowLog={() => setTab('logs')} />
      {error && <p className="jp-NodeDeploy-notice">{error}</p>}
      <Tabs
        label={node.name}
        selected={tab}
        onSelect={setTab}
        tabs={[
          {
            id: 'overview',
            label: trans.__('Overview'),
            body: () => <Overview node={node} />
          },
          {
            id: 'request',
            label: trans.__('Request'),
            body: () => <Request node={node} />
          },
          {
            id: 'logs',
            label: trans.__('Logs'),
            body: () => <Log node={node} />
          },
          {
            id: 'revisions',
            label: trans.__('Revisions'),
            body: () => <Revisions node={node} />
          }
        ]}
      />
    </main>
  );
}

function Head(props: { node: Node; onShowLog: () => void }): JSX.Element {
  const { node } = props;
  const { nodes, openEditor, trans, words } = useUi();
  return (
    <>
      <header className="jp-NodeDeploy-pageHead">
        <div>
          <h1>{node.name}</h1>
          {node.description && <p>{node.description}</p>}
        </div>
        <div
          className="jp-NodeDeploy-actions"
          role="toolbar"
          aria-label={trans.__('Node')}
        >
          <Action
            label={trans.__('Edit…')}
            onClick={() => openEditor(node.id)}
          />
          {node.status === 'SUSPENDED' ? (
            <Action
              label={trans.__('Resume')}
              look="accept"
              onClick={() => nodes.resume(node)}
            />
          ) : (
            <Action
              label={trans.__('Suspend')}
              disabled={node.status === 'DELETING'}
              onClick={() => nodes.suspend(node)}
            />
          )}
          <Action
            label={trans.__('Restart')}
            disabled={['SUSPENDED', 'DELETING'].includes(node.status)}
            onClick={() => nodes.restart(node)}
          />
          <Action
            label={trans.__('Delete')}
            look="warn"
            disabled={node.status === 'DELETING'}
            onClick={() => nodes.delete(node)}
          />
        </div>
      </header>
      <div className="jp-NodeDeploy-state" role="status">
        <Status status={node.status} />
        {node.reason && <span>{words.reason(node)}</span>}
      </div>
      <Progress {...props} />
      <dl className="jp-NodeDeploy-pairs">
        <dt>{trans.__('ID')}</dt>
        <dd>
          <Copyable text={node.id} what={trans.__('ID')} />
        </dd>
        <dt>{trans.__('Execute URL')}</dt>
        <dd>
          {node.execute_url ? (
            <Copyable text={node.execute_url} what={trans.__('Execute URL')} />
          ) : (
            trans.__('Not known while the gateway does not run')
          )}
        </dd>
      </dl>
    </>
  );
}
