import type { SavedVariable } from '../api/schema';

/**
 * How a variable differs between two checkpoints.
 */
interface IDifference {
  name: string;
  kind: 'added' | 'removed' | 'changed';
  before?: SavedVariable;
  after?: SavedVariable;
}

/**
 * The variables that differ, by name. The values stay on the server, and are compared by the hash
 * of what was saved; those that have none by type, size and preview.
 */
export function differences(
  before: SavedVariable[],
  after: SavedVariable[]
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
    } else if (differ(was, is)) {
      found.push({ name, kind: 'changed', before: was, after: is });
    }
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function differ(was: SavedVariable, is: SavedVariable): boolean {
  return was.content && is.content
    ? was.content !== is.content
    : looks(was) !== looks(is);
}

function looks(one: SavedVariable): string {
  const { type, size, shape, preview, example, reason } = one;
  return JSON.stringify([type, size, shape, preview, example, reason]);
}
