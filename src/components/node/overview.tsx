import * as React from 'react';

import type { DockerSpec, Node, Variable } from '../../api/schema';
import { mountsDraft } from '../../model/form/mounts';
import { useFolderNames } from '../hooks';
import { Part } from '../part';
import { Empty } from '../rows';
import { Status } from '../status';
import { Time } from '../time';
import { useUi } from '../ui';
import { Warnings } from '../warnings';

/**
 * What the node is and what runs of it.
 */
export function Overview({ node }: { node: Node }): JSX.Element {
  const { openCheckpoint, store, trans } = useUi();
  const { cell } = node;
  const spec = node.cell ?? node.docker;
  const folderName = useFolderNames();
  const checkpoint = store.checkpoints.items?.find(
    one => one.id === cell?.checkpoint || one.name === cell?.checkpoint
  );
  return (
    <>
      <Warnings {...node} />
      <Part title={trans.__('Instances')}>
        <Instances node={node} />
      </Part>
      {cell && (
        <>
          <Part title={trans.__('Input variables')}>
            <Declared variables={cell.inputs} />
          </Part>
          <Part title={trans.__('Output variables')}>
            <Declared variables={cell.outputs} />
          </Part>
        </>
      )}
      <Part title={trans.__('Settings')}>
        <dl className="jp-NodeDeploy-pairs">
          {cell && (
            <>
              <dt>{trans.__('Checkpoint')}</dt>
              <dd>
                {checkpoint ? (
                  <button
                    type="button"
                    className="jp-NodeDeploy-link"
                    onClick={() => openCheckpoint(checkpoint.id)}
                  >
                    {checkpoint.name ?? checkpoint.id}
                  </button>
                ) : (
                  cell.checkpoint
                )}
              </dd>
              <dt>{trans.__('Requirements')}</dt>
              <dd>{cell.requirements.join(', ') || trans.__('None')}</dd>
              <dt>{trans.__('Isolation')}</dt>
              <dd>{cell.isolation}</dd>
              <dt>{trans.__('Verified')}</dt>
              <dd>
                <Verified node={node} />
              </dd>
              <dt>{trans.__('Timeout, seconds')}</dt>
              <dd>{cell.timeout}</dd>
            </>
          )}
          {node.docker && <Image docker={node.docker} />}
          {spec && spec.env.length > 0 && (
            <>
              <dt>{trans.__('Environment variables')}</dt>
              <dd>
                <code>{spec.env.map(one => one.name).join(', ')}</code>
              </dd>
            </>
          )}
          {spec && spec.mounts.length > 0 && (
            <>
              <dt>{trans.__('Mounts')}</dt>
              <dd>
                <code>{mountsDraft(spec.mounts)}</code>
              </dd>
            </>
          )}
          <dt>{trans.__('Provisioning')}</dt>
          <dd>
            {node.provisioning.configuration} × {node.provisioning.instances}
          </dd>
          <dt>{trans.__('Folder')}</dt>
          <dd title={node.folder}>{folderName(node.folder)}</dd>
          <dt>{trans.__('Access control list (ACL)')}</dt>
          <dd>{node.acl.map(folderName).join(', ')}</dd>
          <dt>{trans.__('Backend')}</dt>
          <dd>{node.backend}</dd>
          <dt>{trans.__('Created')}</dt>
          <dd>
            <Time at={node.created_at} />
          </dd>
        </dl>
      </Part>
    </>
  );
}

/**
 * How much of what the node has was compared with what the notebook had.
 */
function Verified({ node }: { node: Node }): JSX.Element {
  const { trans } = useUi();
  const found = node.verification;
  if (!found) {
    return <>{trans.__('No')}</>;
  }
  const { compared, partly, unverified } = found;
  return (
    <>
      {trans._n('%1 variable compared', '%1 variables compared', compared)}
      {partly.length > 0 && (
        <div>{trans.__('Not as a whole: %1', partly.join(', '))}</div>
      )}
      {unverified.length > 0 && (
        <div>{trans.__('Not verified: %1', unverified.join(', '))}</div>
      )}
    </>
  );
}

/**
 * The settings that only Docker images have.
 */
function Image({ docker }: { docker: DockerSpec }): JSX.Element {
  const { trans } = useUi();
  const { command, endpoint, healthcheck, telemetry } = docker;
  const types = { http: 'HTTP', http2: 'HTTP/2', grpc: 'gRPC' };
  return (
    <>
      <dt>{trans.__('Docker image')}</dt>
      <dd>
        <code>{docker.image}</code>
      </dd>
      {command && (
        <>
          <dt>{trans.__('Command')}</dt>
          <dd>
            <code>{command.join(' ')}</code>
          </dd>
        </>
      )}
      <dt>{trans.__('Endpoint')}</dt>
      <dd>{`${types[endpoint.type]}, ${endpoint.port}`}</dd>
      <dt>{trans.__('Telemetry')}</dt>
      <dd>
        {telemetry
          ? `Prometheus, ${telemetry.port} ${telemetry.path}`
          : trans.__('None')}
      </dd>
      <dt>{trans.__('Healthcheck')}</dt>
      <dd>
        {healthcheck
          ? `${types[healthcheck.type]}, ${healthcheck.port} ${healthcheck.path}`
          : trans.__('Port takes connections')}
      </dd>
    </>
  );
}

function Instances({ node }: { node: Node }): JSX.Element {
  const { trans, words } = useUi();
  if (node.instances.length === 0) {
    return <Empty>{trans.__('No instance runs.')}</Empty>;
  }
  return (
    <div className="jp-NodeDeploy-scroll">
      <table className="jp-NodeDeploy-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Instance')}</th>
            <th scope="col">{trans.__('Revision')}</th>
            <th scope="col">{trans.__('Status')}</th>
            <th scope="col">{trans.__('Started')}</th>
          </tr>
        </thead>
        <tbody>
          {node.instances.map(one => (
            <tr key={one.id}>
              <th scope="row">
                <code>{one.id}</code>
              </th>
              <td>{one.revision}</td>
              <td>
                <Status status={one.status} />
                {one.reason && <div>{words.reason(one)}</div>}
                {one.notes.map(note => (
                  <div key={note} className="jp-NodeDeploy-hint">
                    {note}
                  </div>
                ))}
              </td>
              <td>{one.started_at ? <Time at={one.started_at} /> : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Declared({ variables }: { variables: Variable[] }): JSX.Element {
  const { trans } = useUi();
  if (variables.length === 0) {
    return <Empty>{trans.__('None')}</Empty>;
  }
  return (
    <ul className="jp-NodeDeploy-declared">
      {variables.map(one => (
        <li key={one.name}>
          <code>
            {one.name}: {one.type}
          </code>
          {!one.required && (
            <span className="jp-NodeDeploy-hint"> {trans.__('optional')}</span>
          )}
          {one.description && <span> {one.description}</span>}
        </li>
      ))}
    </ul>
  );
}
