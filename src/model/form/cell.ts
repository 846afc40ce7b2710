import { DEFAULTS } from '../../api/defaults';
import type { CellSpec } from '../../api/schema';
import type { IEnvironmentDraft } from './environment';
import { environmentDraft, readEnvironment } from './environment';
import type { IImageDraft } from './image';
import { imageDraft, readImage } from './image';
import { mountsDraft, readMounts } from './mounts';
import type { INumbersDraft } from './numbers';
import { numbersDraft, readNumbers } from './numbers';
import type { Reader } from './reader';
import { lines } from './reader';
import type { IVariableDraft } from './variable';
import { readVariable, variableDraft } from './variable';

const NEW: CellSpec = { ...DEFAULTS.CellSpec, checkpoint: '', outputs: [] };

/**
 * The part of the form that only cells have.
 */
export interface ICellDraft extends INumbersDraft {
  checkpoint: string;
  inputs: IVariableDraft[];
  outputs: IVariableDraft[];
  requirements: string;
  files: string;
  /** Variables beyond those that the cell uses, and those of them that stay behind. */
  carry: string[];
  leaveOut: string[];
  customImage: boolean;
  image: IImageDraft;
  env: IEnvironmentDraft[];
  egress: boolean;
  mounts: string;
  isolation: CellSpec['isolation'];
  randomState: CellSpec['random_state'];
  allowNan: boolean;
  showTraceback: boolean;
  smokeTest: boolean;
  /** Whether the answer is the one output's own text or bytes, of this type, instead of JSON. */
  bare: boolean;
  contentType: string;
}

export function cellDraft(spec: CellSpec | null): ICellDraft {
  const cell = spec ?? NEW;
  return {
    ...numbersDraft(cell),
    checkpoint: cell.checkpoint,
    inputs: cell.inputs.map(variableDraft),
    outputs: cell.outputs.map(variableDraft),
    requirements: cell.requirements.join('\n'),
    files: cell.files.join('\n'),
    carry: cell.carry,
    leaveOut: cell.leave_out,
    customImage: Boolean(cell.image),
    image: imageDraft(cell.image),
    env: cell.env.map(environmentDraft),
    egress: cell.egress,
    mounts: mountsDraft(cell.mounts),
    isolation: cell.isolation,
    randomState: cell.random_state,
    allowNan: cell.allow_nan,
    showTraceback: cell.show_traceback,
    smokeTest: cell.smoke_test,
    bare: Boolean(cell.response),
    contentType: cell.response?.content_type ?? 'text/html; charset=utf-8'
  };
}

export function readCell(draft: ICellDraft, reader: Reader): CellSpec {
  const { errors, trans } = reader;
  if (draft.outputs.length === 0) {
    errors['cell.outputs'] = trans.__('Add at least one output variable');
  } else if (draft.bare && draft.outputs.length > 1) {
    errors['cell.response'] = trans.__(
      'Only with a single output variable: that is the answer'
    );
  }
  return {
    ...readNumbers(draft, reader),
    checkpoint: reader.text(draft.checkpoint, 'cell.checkpoint'),
    inputs: draft.inputs.map((one, index) =>
      readVariable(one, `cell.inputs.${index}`, true, reader)
    ),
    outputs: draft.outputs.map((one, index) =>
      readVariable(one, `cell.outputs.${index}`, false, reader)
    ),
    requirements: lines(draft.requirements),
    files: lines(draft.files),
    carry: draft.carry,
    leave_out: draft.leaveOut,
    image: draft.customImage
      ? readImage(draft.image, 'cell.image', reader)
      : null,
    env: draft.env.map((one, index) =>
      readEnvironment(one, `cell.env.${index}`, reader)
    ),
    egress: draft.egress,
    mounts: readMounts(draft.mounts),
    isolation: draft.isolation,
    random_state: draft.randomState,
    allow_nan: draft.allowNan,
    show_traceback: draft.showTraceback,
    smoke_test: draft.smokeTest,
    response: draft.bare
      ? {
          body: draft.outputs[0]?.name.trim() ?? '',
          content_type: reader.text(
            draft.contentType,
            'cell.response.content_type'
          )
        }
      : null
  };
}
