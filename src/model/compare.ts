import type { VariableInfo } from '../api/schema';

/**
 * How a variable differs between two checkpoints.
 */
export interface IDifference {
  name: string;
  kind: 'added' | 'removed' | 'changed';
  before?: VariableInfo;
  after?: VariableInfo;
}

/**
 * The variables that differ, by name. The values stay on the server: those of one type, size and
 * preview count as the same.
 */
export function differences(
  before: VariableInfo[],
  after: VariableInfo[]
): IDifference[] {
  const old = new Map(before.map(one => [one.name, one]));
  const now = new Map(after.map(one => [one.name, one]));
  const found: IDifference[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name), now.get(name)];
    if (!was) {
      found.push({ name, kind: 'added', after: is });
    } else if (!is) {
      found.push({ name, kind: 'removed', before: was });
    } else if (looks(was) !== looks(is)) {
      found.push({ name, kind: 'changed', before: was, after: is });
    }
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function looks(one: VariableInfo): string {
  const { type, size, shape, preview, example, reason } = one;
  return JSON.stringify([type, size, shape, preview, example, reason]);
}
