// Made from docs/api/openapi.json by `jlpm types`: do not edit.

import type {
  CellSpec,
  DockerSpec,
  Endpoint,
  Healthcheck,
  NodeCreate,
  Telemetry,
  Variable
} from './schema';

/**
 * What the server takes where a field is left out.
 */
export const DEFAULTS = {
  CellSpec: {
    allow_nan: false,
    carry: [],
    concurrency: 1,
    egress: false,
    env: [],
    files: [],
    image: null,
    inputs: [],
    isolation: 'auto',
    leave_out: [],
    memory_limit: null,
    mounts: [],
    queue: 64,
    queue_timeout: null,
    random_state: 'fresh',
    requirements: [],
    response: null,
    response_limit: 16777216,
    show_traceback: true,
    smoke_test: true,
    timeout: 60,
    workers: null
  } satisfies Partial<CellSpec>,
  DockerSpec: {
    command: null,
    egress: false,
    env: [],
    healthcheck: null,
    mounts: [],
    password_secret: null,
    telemetry: null,
    username: null
  } satisfies Partial<DockerSpec>,
  Endpoint: {
    idle_timeout: 300,
    timeout: 60,
    type: 'http'
  } satisfies Partial<Endpoint>,
  Healthcheck: {
    fails_threshold: 3,
    interval: 15,
    passes_threshold: 3,
    path: '/',
    timeout: 1,
    type: 'http'
  } satisfies Partial<Healthcheck>,
  NodeCreate: {
    acl: null,
    cell: null,
    description: '',
    docker: null,
    folder: null,
    provisioning: {
      configuration: 'c1.4',
      instances: 1,
      maintenance_limit: 1,
      zones: []
    },
    type: 'cell'
  } satisfies Partial<NodeCreate>,
  Telemetry: {
    path: '/metrics',
    type: 'prometheus'
  } satisfies Partial<Telemetry>,
  Variable: {
    default: null,
    description: '',
    required: true,
    schema: null,
    strict: true,
    type: 'any'
  } satisfies Partial<Variable>
};

/**
 * A cell's fields that are numbers: whether null is one, too, and whether they are sizes in bytes.
 */
export const CELL_NUMBERS = {
  concurrency: { optional: false, bytes: false },
  memory_limit: { optional: true, bytes: true },
  queue: { optional: false, bytes: false },
  queue_timeout: { optional: true, bytes: false },
  response_limit: { optional: false, bytes: true },
  timeout: { optional: false, bytes: false },
  workers: { optional: true, bytes: false }
};
