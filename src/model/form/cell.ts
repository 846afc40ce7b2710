import type { CellSpec } from '../../api/schema';
import type { IEnvironmentDraft } from './environment';
import { environmentDraft, readEnvironment } from './environment';
import type { IImageDraft } from './image';
import { imageDraft, readImage } from './image';
import type { Reader } from './reader';
import { lines } from './reader';
import type { IVariableDraft } from './variable';
import { readVariable, variableDraft } from './variable';

const MIB = 1024 * 1024; // bytes

/**
 * The part of the form that only cells have. Sizes are in MiB.
 */
export interface ICellDraft {
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
  isolation: CellSpec['isolation'];
  randomState: CellSpec['random_state'];
  workers: string;
  concurrency: string;
  timeout: string;
  queue: string;
  queueTimeout: string;
  memoryLimit: string;
  responseLimit: string;
  allowNan: boolean;
  showTraceback: boolean;
  /** Whether the answer is the one output's own text or bytes, of this type, instead of JSON. */
  bare: boolean;
  contentType: string;
}

export function cellDraft(cell: CellSpec | null): ICellDraft {
  return {
    checkpoint: cell?.checkpoint ?? '',
    inputs: (cell?.inputs ?? []).map(variableDraft),
    outputs: (cell?.outputs ?? []).map(variableDraft),
    requirements: (cell?.requirements ?? []).join('\n'),
    files: (cell?.files ?? []).join('\n'),
    carry: cell?.carry ?? [],
    leaveOut: cell?.leave_out ?? [],
    customImage: Boolean(cell?.image),
    image: imageDraft(cell?.image ?? null),
    env: (cell?.env ?? []).map(environmentDraft),
    egress: cell?.egress ?? false,
    isolation: cell?.isolation ?? 'auto',
    randomState: cell?.random_state ?? 'fresh',
    workers: String(cell?.workers ?? ''),
    concurrency: String(cell?.concurrency ?? 1),
    timeout: String(cell?.timeout ?? 60),
    queue: String(cell?.queue ?? 64),
    queueTimeout: String(cell?.queue_timeout ?? ''),
    memoryLimit: cell?.memory_limit ? String(cell.memory_limit / MIB) : '',
    responseLimit: String((cell?.response_limit ?? 16 * MIB) / MIB),
    allowNan: cell?.allow_nan ?? false,
    showTraceback: cell?.show_traceback ?? true,
    bare: Boolean(cell?.response),
    contentType: cell?.response?.content_type ?? 'text/html; charset=utf-8'
  };
}

export function readCell(draft: ICellDraft, reader: Reader): CellSpec {
  const { errors, trans } = reader;
  const bytes = (typed: string, path: string) =>
    Math.round(MIB * reader.number(typed, path));
  if (draft.outputs.length === 0) {
    errors['cell.outputs'] = trans.__('Add at least one output variable');
  } else if (draft.bare && draft.outputs.length > 1) {
    errors['cell.response'] = trans.__(
      'Only with a single output variable: that is the answer'
    );
  }
  return {
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
    isolation: draft.isolation,
    random_state: draft.randomState,
    workers: reader.optional(draft.workers, 'cell.workers'),
    concurrency: reader.number(draft.concurrency, 'cell.concurrency'),
    timeout: reader.number(draft.timeout, 'cell.timeout'),
    queue: reader.number(draft.queue, 'cell.queue'),
    queue_timeout: reader.optional(draft.queueTimeout, 'cell.queue_timeout'),
    memory_limit: draft.memoryLimit.trim()
      ? bytes(draft.memoryLimit, 'cell.memory_limit')
      : null,
    response_limit: bytes(draft.responseLimit, 'cell.response_limit'),
    allow_nan: draft.allowNan,
    show_traceback: draft.showTraceback,
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
