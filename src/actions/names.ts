import { PathExt } from '@jupyterlab/coreutils';

import type { CheckpointSummary } from '../api/schema';

/**
 * A name for a checkpoint that no other has, after its notebook: `randomizer-checkpoint`.
 */
export function proposedName(
  checkpoint: CheckpointSummary,
  others: readonly CheckpointSummary[]
): string {
  const path = checkpoint.notebook ?? '';
  const stem = PathExt.basename(path, PathExt.extname(path));
  const base = `${stem || 'my'}-checkpoint`;
  const taken = new Set(others.map(one => one.name));
  let name = base;
  for (let number = 2; taken.has(name); number++) {
    name = `${base}-${number}`;
  }
  return name;
}
