import { nullTranslator } from '@jupyterlab/translation';

import { DEFAULTS } from '../../api/defaults';
import type { NodeCreate } from '../../api/schema';
import { emptyEnvironment } from '../form/environment';
import { fieldErrors } from '../form/errors';
import { draftOf, EMPTY, specOf } from '../form/node';
import { restored, UNFILLED, written } from '../form/state';
import { emptyVariable } from '../form/variable';

const trans = nullTranslator.load('jupyter_node_deploy');

const NODE: NodeCreate = {
  name: 'randomizer',
  type: 'cell',
  description: 'Rolls dice',
  folder: 'f1',
  acl: ['f1', 'f2'],
  docker: null,
  cell: {
    ...DEFAULTS.CellSpec,
    checkpoint: 'c1',
    inputs: [
      {
        name: 'a',
        type: 'int',
        description: '',
        required: false,
        default: null,
        schema: { type: 'integer' },
        strict: true
      }
    ],
    outputs: [
      {
        name: 'b',
        type: 'dict',
        description: 'what',
        schema: null,
        strict: false
      } as unknown as NonNullable<NodeCreate['cell']>['outputs'][0]
    ],
    requirements: ['numpy==2.0', 'pandas==3.0'],
    files: ['data.csv'],
    carry: ['kept'],
    leave_out: ['left'],
    image: { image: 'i', username: 'u', password_secret: 's' },
    isolation: 'request',
    workers: 3,
    concurrency: 1,
    timeout: 1.5,
    queue: 7,
    allow_nan: true,
    show_traceback: false,
    smoke_test: false,
    random_state: 'checkpoint',
    env: [{ name: 'A', value: null, secret: 's' }],
    egress: true,
    queue_timeout: 5,
    memory_limit: 1000,
    response_limit: 2000,
    response: null
  },
  provisioning: {
    configuration: 'c1.8',
    instances: 2,
    zones: [
      { zone: 'a', subnet: null },
      { zone: 'b', subnet: 'n' }
    ],
    maintenance_limit: 2
  }
};

const DOCKER: NodeCreate = {
  ...NODE,
  type: 'docker',
  cell: null,
  docker: {
    image: 'localhost:5000/team/hello:1',
    username: 'u',
    password_secret: 's',
    command: ['serve', '--port=80'],
    env: [{ name: 'A', value: 'b', secret: null }],
    egress: true,
    mounts: [{ source: '/data', target: '/in', read_only: false }],
    endpoint: { type: 'grpc', port: 80, timeout: 1.5, idle_timeout: 10 },
    telemetry: { type: 'prometheus', path: '/m', port: 81 },
    healthcheck: {
      type: 'http',
      port: 82,
      path: '/h',
      timeout: 2,
      interval: 3,
      fails_threshold: 4,
      passes_threshold: 5
    }
  }
};

describe('specOf', () => {
  it('gives back what the form was filled with', () => {
    const { node, errors } = specOf(draftOf(NODE), trans);
    expect(errors).toEqual({});
    expect(node).toEqual(NODE);
  });

  it('gives back a Docker image', () => {
    const { node, errors } = specOf(draftOf(DOCKER), trans);
    expect(errors).toEqual({});
    expect(node).toEqual(DOCKER);
  });

  it('names each field of a Docker image that cannot be sent', () => {
    const { docker } = EMPTY;
    const draft = {
      ...EMPTY,
      type: 'docker' as const,
      name: 'a',
      docker: {
        ...docker,
        env: [{ ...emptyEnvironment(), name: '1', source: 'secret' as const }],
        telemetry: { ...docker.telemetry, type: 'prometheus' as const },
        healthcheck: { ...docker.healthcheck, type: 'grpc' as const }
      }
    };
    expect(Object.keys(specOf(draft, trans).errors).sort()).toEqual([
      'docker.endpoint.port',
      'docker.env.0.name',
      'docker.env.0.secret',
      'docker.healthcheck.port',
      'docker.image',
      'docker.telemetry.port'
    ]);
  });

  it('lets a text of its own be the answer only of a single output', () => {
    const draft = draftOf(NODE);
    draft.cell.bare = true;
    expect(specOf(draft, trans).node.cell!.response).toEqual({
      body: 'b',
      content_type: 'text/html; charset=utf-8'
    });
    draft.cell.outputs.push(emptyVariable());
    expect(specOf(draft, trans).errors).toHaveProperty(['cell.response']);
  });

  it('tells a default of null from none', () => {
    const draft = draftOf(NODE);
    draft.cell.inputs[0].default = '';
    expect(specOf(draft, trans).node.cell!.inputs[0]).not.toHaveProperty(
      'default'
    );
  });

  it('names each field that cannot be sent', () => {
    const draft = {
      ...EMPTY,
      cell: {
        ...EMPTY.cell,
        inputs: [{ ...emptyVariable(), name: 'a', default: '{', schema: 'x' }],
        timeout: 'long',
        customImage: true
      }
    };
    expect(Object.keys(specOf(draft, trans).errors).sort()).toEqual([
      'cell.checkpoint',
      'cell.image.image',
      'cell.inputs.0.default',
      'cell.inputs.0.schema',
      'cell.outputs',
      'cell.timeout',
      'name'
    ]);
  });

  it('begins with what the server takes where a field is left out', () => {
    const draft = { ...EMPTY, name: 'a' };
    draft.cell = { ...draft.cell, checkpoint: 'c1' };
    expect(specOf(draft, trans).node).toEqual({
      ...DEFAULTS.NodeCreate,
      name: 'a',
      cell: { ...DEFAULTS.CellSpec, checkpoint: 'c1', outputs: [] }
    });
    const docker = draftOf({
      ...DEFAULTS.NodeCreate,
      name: 'a',
      type: 'docker',
      docker: {
        ...DEFAULTS.DockerSpec,
        image: 'i',
        endpoint: { ...DEFAULTS.Endpoint, port: 80 }
      }
    });
    docker.docker.healthcheck = {
      ...docker.docker.healthcheck,
      type: 'http',
      port: '80'
    };
    expect(specOf(docker, trans).node.docker!.healthcheck).toEqual({
      ...DEFAULTS.Healthcheck,
      port: 80
    });
  });

  it('takes a decimal comma', () => {
    const draft = draftOf(NODE);
    draft.cell.timeout = '2,5';
    expect(specOf(draft, trans).node.cell!.timeout).toBe(2.5);
  });
});

describe('fieldErrors', () => {
  it('finds the fields of a refusal, however it spells them', () => {
    expect(
      fieldErrors([
        { path: 'name', message: 'taken' },
        { path: 'name', message: 'and too long' },
        { path: 'node.cell.inputs.0.schema', message: 'bad' },
        { path: 'cell.outputs[1].schema', message: 'worse' },
        { message: 'of no field' }
      ])
    ).toEqual({
      name: 'taken',
      'cell.inputs.0.schema': 'bad',
      'cell.outputs.1.schema': 'worse'
    });
  });
});

describe('written', () => {
  it('is read back whole', () => {
    const state = { ...UNFILLED, draft: draftOf(NODE), filledFrom: 'c1' };
    expect(restored(JSON.parse(JSON.stringify(written(state))))).toEqual(state);
  });

  it('gets what the form has in addition since', () => {
    const state = written({ ...UNFILLED, draft: draftOf(NODE) });
    const older = JSON.parse(JSON.stringify(state));
    delete older.draft.cell.queue;
    expect(restored(older)!.draft.cell).toEqual({
      ...older.draft.cell,
      queue: '64'
    });
  });

  it('is not taken for one of another version', () => {
    expect(restored(null)).toBeNull();
    expect(restored({ draft: {} })).toBeNull();
  });
});
