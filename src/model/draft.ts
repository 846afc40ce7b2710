import type {
  CellSpec,
  NodeCreate,
  Provisioning,
  Variable,
  VariableType
} from '../api/schema';

/**
 * A declared variable as it is typed; empty texts are none.
 */
export interface IVariableDraft {
  key: number;
  name: string;
  type: VariableType;
  required: boolean;
  description: string;
  default: string;
  schema: string;
}

/**
 * A zone that instances are put in.
 */
export interface IZoneDraft {
  key: number;
  zone: string;
  subnet: string;
}

/**
 * Settings that the form does not show: an edit gives them back as they were.
 */
export type Kept = Pick<
  CellSpec,
  | 'random_state'
  | 'env'
  | 'egress'
  | 'queue_timeout'
  | 'memory_limit'
  | 'response_limit'
  | 'response'
>;

function keptOf(cell: CellSpec | null): Kept {
  return {
    random_state: cell?.random_state ?? 'fresh',
    env: cell?.env ?? [],
    egress: cell?.egress ?? false,
    queue_timeout: cell?.queue_timeout ?? null,
    memory_limit: cell?.memory_limit ?? null,
    response_limit: cell?.response_limit ?? 16 * 1024 * 1024,
    response: cell?.response ?? null
  };
}

/**
 * The node form as it is typed: numbers and JSON are texts, so that nothing typed is ever lost.
 */
export interface IDraft {
  name: string;
  description: string;
  checkpoint: string;
  inputs: IVariableDraft[];
  outputs: IVariableDraft[];
  requirements: string;
  files: string;
  customImage: boolean;
  image: string;
  username: string;
  passwordSecret: string;
  isolation: CellSpec['isolation'];
  workers: string;
  timeout: string;
  queue: string;
  allowNan: boolean;
  showTraceback: boolean;
  kept: Kept;
  folder: string;
  configuration: string;
  instances: string;
  zones: IZoneDraft[];
  maintenanceLimit: string;
  acl: string[] | null;
}

let lastKey = 0;

export function emptyVariable(): IVariableDraft {
  return {
    key: ++lastKey,
    name: '',
    type: 'any',
    required: true,
    description: '',
    default: '',
    schema: ''
  };
}

export function emptyZone(zone: string): IZoneDraft {
  return { key: ++lastKey, zone, subnet: '' };
}

/**
 * The form of a node as the server proposes or has it.
 */
export function draftOf(
  node: Pick<NodeCreate, 'name' | 'description' | 'folder' | 'acl'> & {
    cell: CellSpec | null;
    provisioning: Provisioning;
  }
): IDraft {
  const { cell, provisioning } = node;
  return {
    name: node.name,
    description: node.description,
    checkpoint: cell?.checkpoint ?? '',
    inputs: (cell?.inputs ?? []).map(variableDraft),
    outputs: (cell?.outputs ?? []).map(variableDraft),
    requirements: (cell?.requirements ?? []).join('\n'),
    files: (cell?.files ?? []).join('\n'),
    customImage: Boolean(cell?.image),
    image: cell?.image?.image ?? '',
    username: cell?.image?.username ?? '',
    passwordSecret: cell?.image?.password_secret ?? '',
    isolation: cell?.isolation ?? 'auto',
    workers: String(cell?.workers ?? ''),
    timeout: String(cell?.timeout ?? 60),
    queue: String(cell?.queue ?? 64),
    allowNan: cell?.allow_nan ?? false,
    showTraceback: cell?.show_traceback ?? true,
    kept: keptOf(cell),
    folder: node.folder ?? '',
    configuration: provisioning.configuration,
    instances: String(provisioning.instances),
    zones: provisioning.zones.map(one => ({
      key: ++lastKey,
      zone: one.zone,
      subnet: one.subnet ?? ''
    })),
    maintenanceLimit: String(provisioning.maintenance_limit),
    acl: node.acl
  };
}

export const EMPTY: IDraft = draftOf({
  name: '',
  description: '',
  folder: null,
  acl: null,
  cell: null,
  provisioning: {
    configuration: 'c1.4',
    instances: 1,
    zones: [],
    maintenance_limit: 1
  }
});

function variableDraft(one: Variable): IVariableDraft {
  return {
    ...emptyVariable(),
    name: one.name,
    type: one.type,
    required: one.required,
    description: one.description,
    default: 'default' in one ? JSON.stringify(one.default) : '',
    schema: one.schema ? JSON.stringify(one.schema, null, 2) : ''
  };
}
