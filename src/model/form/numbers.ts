import { CELL_NUMBERS } from '../../api/defaults';
import type { CellSpec } from '../../api/schema';
import type { Reader } from './reader';

const MIB = 1024 * 1024; // bytes

type Name = keyof typeof CELL_NUMBERS;
type Camel<S extends string> = S extends `${infer Head}_${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : S;

/**
 * A cell's numbers as they are typed, all that the server has: empty for null, sizes in MiB.
 */
export type INumbersDraft = { [N in Name as Camel<N>]: string };

const NAMES = Object.keys(CELL_NUMBERS) as Name[];

export function numbersDraft(cell: Pick<CellSpec, Name>): INumbersDraft {
  const typed = NAMES.map(name => {
    const unit = CELL_NUMBERS[name].bytes ? MIB : 1;
    const value = cell[name];
    return [camel(name), value === null ? '' : String(value / unit)];
  });
  return Object.fromEntries(typed) as INumbersDraft;
}

export function readNumbers(
  draft: INumbersDraft,
  reader: Reader
): Pick<CellSpec, Name> {
  const read = NAMES.map(name => {
    const { optional, bytes } = CELL_NUMBERS[name];
    const typed = draft[camel(name)];
    const path = `cell.${name}`;
    const value = optional
      ? reader.optional(typed, path)
      : reader.number(typed, path);
    return [name, bytes && value !== null ? Math.round(MIB * value) : value];
  });
  return Object.fromEntries(read) as Pick<CellSpec, Name>;
}

function camel(name: Name): keyof INumbersDraft {
  const found = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  return found as keyof INumbersDraft;
}
