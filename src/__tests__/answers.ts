import { nullTranslator } from '@jupyterlab/translation';

import type {
  CellSpec,
  Checkpoint,
  CheckpointSummary,
  Configuration,
  DockerSpec,
  Folder,
  Health,
  Instance,
  Kept,
  Node,
  NodeCreate,
  Revision,
  SavedVariable,
  Secret,
  SliceGroup,
  Suggestion,
  Variable,
  ZoneInfo
} from '../api/schema';
import { EMPTY, specOf } from '../model/form/node';

const trans = nullTranslator.load('jupyter_node_deploy');

/** Seconds; a while ago, so that ages are steady. */
export const THEN = Math.floor(Date.now() / 1000) - 3 * 3600 - 60;

export const HEALTH: Health = {
  backend: 'container',
  data_dir: '/data',
  docker_nodes: true,
  missing: {},
  missing_info: {},
  status: 'ok',
  version: '1'
};

// By name, as the server lists them: the default one is not the first.
export const FOLDERS: Folder[] = [
  { id: 'f-archive', name: 'archive', created_at: THEN },
  { id: 'f-default', name: 'default', created_at: THEN },
  { id: 'f-team', name: 'team', created_at: THEN }
];

export const CONFIGURATIONS: Configuration[] = [
  ...new Set([EMPTY.provisioning.configuration, 'g2.8'])
].map(id => ({ id, cores: 4, gpus: 0, memory_gb: 16 }));

export const ZONES: ZoneInfo[] = [
  { id: 'zone-a', subnets: [] },
  { id: 'zone-b', subnets: [] }
];

export function aSecret(name: string, folder = 'f-default'): Secret {
  return { name, folder, created_at: THEN, updated_at: THEN };
}

/**
 * The cell that an empty form would send, and what is changed in it.
 */
export function aCell(change: Partial<CellSpec> = {}): CellSpec {
  const { node } = specOf(EMPTY, trans);
  return { ...node.cell!, checkpoint: 'c1', ...change };
}

export function aDocker(change: Partial<DockerSpec> = {}): DockerSpec {
  const { node } = specOf({ ...EMPTY, type: 'docker' }, trans);
  const { docker } = node;
  return {
    ...docker!,
    image: 'registry.test/hello:1',
    endpoint: { ...docker!.endpoint, port: 8080 },
    ...change
  };
}

export function aVariable(name: string, change: Partial<Variable> = {}) {
  const bare = { name, type: 'any', description: '', required: true };
  return { ...bare, schema: null, strict: true, ...change } as Variable;
}

export function anInstance(change: Partial<Instance> = {}): Instance {
  return {
    id: 'i1',
    checked_at: THEN,
    notes: [],
    reason: '',
    reason_info: null,
    revision: 1,
    started_at: THEN,
    status: 'HEALTHY',
    ...change
  };
}

export function aNode(change: Partial<Node> = {}): Node {
  const docker = change.type === 'docker';
  return {
    id: 'n1',
    name: 'dice',
    description: '',
    type: 'cell',
    acl: ['f-default'],
    backend: 'container',
    cell: docker ? null : aCell(),
    created_at: THEN,
    created_by: null,
    docker: docker ? aDocker() : null,
    execute_url: 'http://gateway.test/v1/nodes/n1:execute',
    folder: 'f-default',
    instances: [anInstance()],
    isolation: null,
    provisioning: specOf(EMPTY, trans).node.provisioning,
    reason: '',
    reason_info: null,
    revision: 1,
    status: 'HEALTHY',
    updated_at: THEN,
    touched: null,
    verification: null,
    warnings: [],
    warnings_info: [],
    ...change
  };
}

export function aRevision(number: number, change: Partial<Revision> = {}) {
  const { cell, docker, provisioning } = aNode();
  return {
    active: false,
    cell,
    created_at: THEN,
    docker,
    isolation: null,
    number,
    provisioning,
    reason: '',
    reason_info: null,
    touched: null,
    verification: null,
    warnings: [],
    warnings_info: [],
    ...change
  } as Revision;
}

export function aSummary(
  change: Partial<CheckpointSummary> = {}
): CheckpointSummary {
  return {
    id: 'c1',
    cell_id: 'cell-1',
    created_at: THEN,
    duration: 0.1,
    execution_count: 7,
    first_line: 'total = roll(sides)',
    kernel_id: 'k1',
    name: null,
    notebook: 'games/dice.ipynb',
    operation: 'Cell run',
    pinned: false,
    pinned_by: null,
    size: 2500,
    status: 'ok',
    ...change
  };
}

export function aKept(change: Partial<Kept> = {}): Kept {
  return {
    budget: 5 * 1024 ** 3,
    count: 1,
    last_gone: null,
    limit: 500,
    pinned: 1,
    size: 2500,
    ...change
  };
}

export function aCheckpoint(change: Partial<Checkpoint> = {}): Checkpoint {
  return {
    options: {},
    ...aSummary(),
    code: 'total = roll(sides)\ntotal',
    excluded: [],
    outputs: [],
    python: '3.12',
    variables: [],
    ...change
  };
}

export function aSaved(
  name: string,
  change: Partial<SavedVariable> = {}
): SavedVariable {
  return {
    name,
    content: null,
    declared: null,
    example: null,
    input_schema: null,
    no_input: null,
    no_output: null,
    kind: 'data',
    preview: '6',
    reason: null,
    schema: null,
    shape: null,
    size: 28,
    type: 'int',
    ...change
  };
}

export function aGroup(
  names: string[],
  change: Partial<SliceGroup> = {}
): SliceGroup {
  return {
    names,
    size: 1000,
    carried: true,
    used: true,
    inputs: [],
    ...change
  };
}

/**
 * What the server proposes for a checkpoint.
 */
export function aSuggestion(
  change: Partial<Suggestion> = {},
  node: Partial<NodeCreate> = {}
): Suggestion {
  return {
    options: {},
    carried: [],
    carried_groups: [],
    files: [],
    input: { sides: 6 },
    node: {
      ...specOf(EMPTY, trans).node,
      name: 'dice',
      cell: aCell({
        inputs: [aVariable('sides', { type: 'int' })],
        outputs: [aVariable('total', { type: 'int' })]
      }),
      ...node
    },
    unsaved: [],
    warnings: [],
    warnings_info: [],
    ...change
  };
}

/**
 * Answers of a server with one pinned checkpoint and nothing else.
 */
export const STANDARD: Record<string, object> = {
  'GET health': HEALTH,
  'GET folders': { folders: FOLDERS },
  'GET configurations': { configurations: CONFIGURATIONS },
  'GET zones': { zones: ZONES },
  'GET secrets': { secrets: [] },
  'GET nodes': { nodes: [] },
  'GET checkpoints': {
    checkpoints: [aSummary({ name: 'dice-checkpoint', pinned: true })],
    kept: aKept()
  },
  'POST checkpoints/c1:slice': { groups: [] },
  'POST checkpoints/c1:suggest': aSuggestion()
};
