import { DEFAULTS } from '../../api/defaults';
import type { DockerSpec, Endpoint, Healthcheck } from '../../api/schema';
import type { IEnvironmentDraft } from './environment';
import { environmentDraft, readEnvironment } from './environment';
import type { IImageDraft } from './image';
import { imageDraft, readImage } from './image';
import { mountsDraft, readMounts } from './mounts';
import type { Reader } from './reader';
import { lines } from './reader';

interface IEndpointDraft {
  type: Endpoint['type'];
  port: string;
  timeout: string;
  idleTimeout: string;
}

/** An empty type is none. */
interface ITelemetryDraft {
  type: '' | 'prometheus';
  path: string;
  port: string;
}

/** An empty type is none. */
interface IHealthcheckDraft {
  type: '' | Healthcheck['type'];
  port: string;
  path: string;
  timeout: string;
  interval: string;
  failsThreshold: string;
  passesThreshold: string;
}

/**
 * The part of the form that only Docker images have; times are in seconds.
 */
export interface IDockerDraft {
  image: IImageDraft;
  /** An argument in each line; empty for the image's own command. */
  command: string;
  env: IEnvironmentDraft[];
  egress: boolean;
  mounts: string;
  endpoint: IEndpointDraft;
  telemetry: ITelemetryDraft;
  healthcheck: IHealthcheckDraft;
}

export function dockerDraft(docker: DockerSpec | null): IDockerDraft {
  const { command, env, egress, mounts } = docker ?? DEFAULTS.DockerSpec;
  const endpoint = { ...DEFAULTS.Endpoint, ...docker?.endpoint };
  const telemetry = { ...DEFAULTS.Telemetry, ...docker?.telemetry };
  const healthcheck = { ...DEFAULTS.Healthcheck, ...docker?.healthcheck };
  return {
    image: imageDraft(docker),
    command: (command ?? []).join('\n'),
    env: env.map(environmentDraft),
    egress,
    mounts: mountsDraft(mounts),
    endpoint: {
      type: endpoint.type,
      port: port(docker?.endpoint),
      timeout: String(endpoint.timeout),
      idleTimeout: String(endpoint.idle_timeout)
    },
    telemetry: {
      type: docker?.telemetry?.type ?? '',
      path: telemetry.path,
      port: port(docker?.telemetry)
    },
    healthcheck: {
      type: docker?.healthcheck?.type ?? '',
      port: port(docker?.healthcheck),
      path: healthcheck.path,
      timeout: String(healthcheck.timeout),
      interval: String(healthcheck.interval),
      failsThreshold: String(healthcheck.fails_threshold),
      passesThreshold: String(healthcheck.passes_threshold)
    }
  };
}

function port(part: { port: number } | null | undefined): string {
  return String(part?.port ?? '');
}

export function readDocker(draft: IDockerDraft, reader: Reader): DockerSpec {
  const { endpoint, telemetry, healthcheck } = draft;
  const command = lines(draft.command);
  const number = (typed: string, path: string) =>
    reader.number(typed, `docker.${path}`);
  return {
    ...readImage(draft.image, 'docker', reader),
    command: command.length ? command : null,
    env: draft.env.map((one, index) =>
      readEnvironment(one, `docker.env.${index}`, reader)
    ),
    egress: draft.egress,
    mounts: readMounts(draft.mounts),
    endpoint: {
      type: endpoint.type,
      port: number(endpoint.port, 'endpoint.port'),
      timeout: number(endpoint.timeout, 'endpoint.timeout'),
      idle_timeout: number(endpoint.idleTimeout, 'endpoint.idle_timeout')
    },
    telemetry: telemetry.type
      ? {
          type: telemetry.type,
          path: reader.text(telemetry.path, 'docker.telemetry.path'),
          port: number(telemetry.port, 'telemetry.port')
        }
      : null,
    healthcheck: healthcheck.type
      ? {
          type: healthcheck.type,
          port: number(healthcheck.port, 'healthcheck.port'),
          path: healthcheck.path.trim(),
          timeout: number(healthcheck.timeout, 'healthcheck.timeout'),
          interval: number(healthcheck.interval, 'healthcheck.interval'),
          fails_threshold: number(
            healthcheck.failsThreshold,
            'healthcheck.fails_threshold'
          ),
          passes_threshold: number(
            healthcheck.passesThreshold,
            'healthcheck.passes_threshold'
          )
        }
      : null
  };
}
