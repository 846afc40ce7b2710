import { nullTranslator } from '@jupyterlab/translation';

import type { NodeCreate } from '../../api/schema';
import { draftOf, EMPTY, emptyVariable } from '../draft';
import { fieldErrors, specOf } from '../spec';

const trans = nullTranslator.load('jupyter_node_deploy');

const NODE: NodeCreate = {
  name: 'randomizer',
  type: 'cell',
  description: 'Rolls dice',
  folder: 'f1',
  acl: ['f1', 'f2'],
  docker: null,
  cell: {
    checkpoint: 'c1',
    inputs: [
      {
        name: 'a',
        type: 'int',
        description: '',
        required: false,
        default: null,
        schema: { type: 'integer' }
      }
    ],
    outputs: [
      {
        name: 'b',
        type: 'dict',
        description: 'what',
        schema: null
      } as unknown as NonNullable<NodeCreate['cell']>['outputs'][0]
    ],
    requirements: ['numpy==2.0', 'pandas==3.0'],
    files: ['data.csv'],
    image: { image: 'i', username: 'u', password_secret: 's' },
    isolation: 'request',
    workers: 3,
    timeout: 1.5,
    queue: 7,
    allow_nan: true,
    show_traceback: false,
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

describe('specOf', () => {
  it('gives back what the form was filled with', () => {
    const { node, errors } = specOf(
      draftOf({ ...NODE, cell: NODE.cell }),
      trans
    );
    expect(errors).toEqual({});
    expect(node).toEqual(NODE);
  });

  it('tells a default of null from none', () => {
    const draft = draftOf({ ...NODE, cell: NODE.cell });
    draft.inputs[0].default = '';
    expect(specOf(draft, trans).node.cell!.inputs[0]).not.toHaveProperty(
      'default'
    );
  });

  it('names each field that cannot be sent', () => {
    const draft = {
      ...EMPTY,
      inputs: [{ ...emptyVariable(), name: 'a', default: '{', schema: 'x' }],
      timeout: 'long',
      customImage: true
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

  it('takes a decimal comma', () => {
    const draft = draftOf({ ...NODE, cell: NODE.cell });
    draft.timeout = '2,5';
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
