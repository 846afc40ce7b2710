import type { TranslationBundle } from '@jupyterlab/translation';

import { DEFAULTS } from '../../api/defaults';
import type {
  CellSpec,
  DockerSpec,
  NodeCreate,
  Provisioning
} from '../../api/schema';
import type { ICellDraft } from './cell';
import { cellDraft, readCell } from './cell';
import type { IDockerDraft } from './docker';
import { dockerDraft, readDocker } from './docker';
import type { FieldErrors } from './errors';
import type { IProvisioningDraft } from './place';
import { provisioningDraft, readProvisioning } from './place';
import { Reader } from './reader';

const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The node form as it is typed: numbers and JSON are texts, so that nothing typed is ever lost. Names
 * are those of the API, in camel case.
 */
export interface IDraft {
  name: string;
  type: NodeCreate['type'];
  description: string;
  cell: ICellDraft;
  docker: IDockerDraft;
  /** Empty: the default folder. */
  folder: string;
  provisioning: IProvisioningDraft;
  acl: string[] | null;
}

/**
 * The form of a node as the server proposes or has it.
 */
export function draftOf(
  node: Pick<NodeCreate, 'name' | 'type' | 'description' | 'folder' | 'acl'> & {
    cell: CellSpec | null;
    docker: DockerSpec | null;
    provisioning: Provisioning;
  }
): IDraft {
  return {
    name: node.name,
    type: node.type,
    description: node.description,
    cell: cellDraft(node.cell),
    docker: dockerDraft(node.docker),
    folder: node.folder ?? '',
    provisioning: provisioningDraft(node.provisioning),
    acl: node.acl
  };
}

export const EMPTY: IDraft = draftOf({ ...DEFAULTS.NodeCreate, name: '' });

/**
 * Reads the form.
 */
export function specOf(
  draft: IDraft,
  trans: TranslationBundle
): { node: NodeCreate; errors: FieldErrors } {
  const reader = new Reader(trans);
  const node: NodeCreate = {
    name: reader.matching(
      draft.name,
      'name',
      NAME,
      trans.__(
        'Use lower-case letters, digits and hyphens; begin with a letter, end with no hyphen'
      )
    ),
    type: draft.type,
    description: draft.description.trim(),
    folder: draft.folder || null,
    acl: draft.acl,
    cell: draft.type === 'cell' ? readCell(draft.cell, reader) : null,
    docker: draft.type === 'docker' ? readDocker(draft.docker, reader) : null,
    provisioning: readProvisioning(draft.provisioning, reader)
  };
  return { node, errors: reader.errors };
}
