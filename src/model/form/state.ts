import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { IDraft } from './node';
import { EMPTY } from './node';

/** Changes with the shape of what is kept; what is older is not read. */
const FORMAT = 2;

/**
 * A form as far as it is filled in: what has to survive a reload of the page. Of secrets it has but
 * the names.
 */
export interface IFormState {
  draft: IDraft;
  /** Id of the checkpoint that the draft was filled in from. */
  filledFrom: string;
  warnings: string[];
  /** Input of the test, as JSON. */
  example: string;
}

export const UNFILLED: IFormState = {
  draft: EMPTY,
  filledFrom: '',
  warnings: [],
  example: '{}'
};

/**
 * The state as JSON.
 */
export function written(state: IFormState): ReadonlyPartialJSONValue {
  const kept = { format: FORMAT, ...state };
  return kept as unknown as ReadonlyPartialJSONValue;
}

/**
 * The state that was written; null when it is none of this version. A field of the cell's that came
 * since is as in an empty form.
 */
export function restored(kept: unknown): IFormState | null {
  const { format, ...state } = (kept ?? {}) as IFormState & { format?: number };
  if (format !== FORMAT) {
    return null;
  }
  const { draft } = state;
  return {
    ...state,
    draft: { ...draft, cell: { ...EMPTY.cell, ...draft.cell } }
  };
}
