import * as React from 'react';

import type { IDockerDraft } from '../../model/form/docker';
import { Part } from '../part';
import { useUi } from '../ui';
import { bound, within } from './bound';
import { Environment } from './environment';
import { Fold } from './fold';
import { ImageFields } from './image';
import { Lines, Select, Text } from './inputs';

interface IProps {
  draft: IDockerDraft;
  set: (change: Partial<IDockerDraft>) => void;
}

const PROTOCOLS = [
  ['http', 'HTTP'],
  ['http2', 'HTTP/2'],
  ['grpc', 'gRPC']
] as const;

/**
 * The part of the form that only Docker images have.
 */
export function DockerPart(
  props: IProps & { missing: Record<string, string> }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set } = props;
  return (
    <>
      <Part title={trans.__('Docker image')}>
        <ImageFields
          draft={draft.image}
          set={within(draft, set, 'image')}
          path="docker"
        >
          <Lines
            {...bound(draft, set, 'docker')('command')}
            label={trans.__('Command')}
            hint={trans.__(
              "An argument in each line; empty for the image's own command."
            )}
            code
            rows={2}
          />
        </ImageFields>
      </Part>
      <Endpoint draft={draft} set={set} />
      <Telemetry draft={draft} set={set} />
      <Healthcheck draft={draft} set={set} />
      <Environment {...props} path="docker" />
    </>
  );
}

function Endpoint({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const field = bound(
    draft.endpoint,
    within(draft, set, 'endpoint'),
    'docker.endpoint'
  );
  return (
    <Part title={trans.__('Endpoint')}>
      <div className="jp-NodeDeploy-columns">
        <Select
          {...field('type')}
          label={trans.__('Type')}
          options={PROTOCOLS}
        />
        <Text {...field('port')} label={trans.__('Port')} required numeric />
        <Text
          {...field('timeout')}
          label={trans.__('Timeout, seconds')}
          numeric
        />
        <Text
          {...field('idleTimeout')}
          label={trans.__('Idle timeout, seconds')}
          numeric
        />
      </div>
    </Part>
  );
}

function Telemetry({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const { telemetry, endpoint } = draft;
  const change = within(draft, set, 'telemetry');
  const field = bound(telemetry, change, 'docker.telemetry');
  return (
    <Fold
      title={trans.__('Telemetry')}
      summary={telemetry.type ? 'Prometheus' : trans.__('None')}
      paths={['docker.telemetry']}
    >
      <div className="jp-NodeDeploy-columns">
        <Select
          {...field('type')}
          label={trans.__('Type')}
          onChange={type =>
            change({ type, port: telemetry.port || endpoint.port })
          }
          options={[
            ['', trans.__('None')],
            ['prometheus', 'Prometheus']
          ]}
        />
        {telemetry.type && (
          <>
            <Text {...field('path')} label={trans.__('HTTP path')} code />
            <Text
              {...field('port')}
              label={trans.__('Port')}
              required
              numeric
            />
          </>
        )}
      </div>
    </Fold>
  );
}

function Healthcheck({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const { healthcheck, endpoint } = draft;
  const change = within(draft, set, 'healthcheck');
  const field = bound(healthcheck, change, 'docker.healthcheck');
  const isGrpc = healthcheck.type === 'grpc';
  return (
    <Fold
      title={trans.__('Healthcheck')}
      summary={
        healthcheck.type
          ? { http: 'HTTP', grpc: 'gRPC' }[healthcheck.type]
          : trans.__('its port takes connections')
      }
      paths={['docker.healthcheck']}
    >
      <div className="jp-NodeDeploy-columns">
        <Select
          {...field('type')}
          label={trans.__('Type')}
          onChange={type =>
            change({ type, port: healthcheck.port || endpoint.port })
          }
          options={[
            ['', trans.__('Port takes connections')],
            ['http', 'HTTP'],
            ['grpc', 'gRPC']
          ]}
        />
        {healthcheck.type && (
          <>
            <Text
              {...field('port')}
              label={trans.__('Port')}
              required
              numeric
            />
            <Text
              {...field('path')}
              label={isGrpc ? trans.__('Service') : trans.__('Path')}
              hint={
                isGrpc ? trans.__('Empty or /: the whole server.') : undefined
              }
              code
            />
            <Text
              {...field('timeout')}
              label={trans.__('Timeout, seconds')}
              numeric
            />
            <Text
              {...field('interval')}
              label={trans.__('Interval, seconds')}
              numeric
            />
            <Text
              {...field('failsThreshold')}
              label={trans.__('Fails threshold')}
              numeric
            />
            <Text
              {...field('passesThreshold')}
              label={trans.__('Passes threshold')}
              numeric
            />
          </>
        )}
      </div>
    </Fold>
  );
}
