import type { SliceGroup } from '../../api/schema';
import type { ICellDraft } from './cell';

/** The part of the form that says which variables go along. */
export type ICarriedDraft = Pick<ICellDraft, 'carry' | 'leaveOut'>;

/**
 * Takes a group along or leaves it behind; nothing is noted where the cell's use of it says as much.
 */
export function choose(
  draft: ICarriedDraft,
  group: SliceGroup,
  along: boolean
): ICarriedDraft {
  const others = (names: string[]) =>
    names.filter(name => !group.names.includes(name));
  const leftOut = group.names.some(name => draft.leaveOut.includes(name));
  const carry = others(draft.carry);
  const leaveOut = others(draft.leaveOut);
  if (along) {
    // One that is used, but only by what is left out, has to be asked for.
    return group.used && leftOut
      ? { carry, leaveOut }
      : { carry: [...carry, ...group.names], leaveOut };
  }
  return group.used
    ? { carry, leaveOut: [...leaveOut, ...group.names] }
    : { carry, leaveOut };
}

/**
 * What of the checkpoint concerns the node, and what else it could take along.
 */
export function sorted(groups: SliceGroup[]): {
  listed: SliceGroup[];
  others: SliceGroup[];
} {
  const concerns = (one: SliceGroup) => one.carried || one.used;
  return {
    listed: groups.filter(concerns),
    others: groups.filter(one => !concerns(one))
  };
}
