import type { Requester } from './client';
import type { Say } from './error';
import type {
  Applied,
  Checkpoint,
  CheckpointList,
  CheckpointSlice,
  CheckpointSummary,
  Mode,
  SliceGroup,
  SliceRequest,
  Suggestion
} from './schema';

/**
 * What may narrow a list of checkpoints.
 */
interface ICheckpointQuery {
  notebook?: string;
  cell_id?: string;
  kernel_id?: string;
  pinned?: boolean;
  limit?: number;
}

/**
 * The checkpoints of the control API.
 */
export class CheckpointsApi {
  constructor(
    private readonly _call: Requester,
    private readonly _say: Say
  ) {}

  async list(query: ICheckpointQuery = {}): Promise<CheckpointSummary[]> {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      words.set(name, String(value));
    }
    const found = await this._call<CheckpointList>(
      'GET',
      `checkpoints?${words}`
    );
    return found.checkpoints;
  }

  get(id: string): Promise<Checkpoint> {
    return this._call('GET', path(id));
  }

  force(kernelId: string): Promise<Checkpoint> {
    return this._call('POST', 'checkpoints', { kernel_id: kernelId });
  }

  pin(id: string, name: string): Promise<Checkpoint> {
    return this._call('POST', `${path(id)}:pin`, { name });
  }

  unpin(id: string): Promise<Checkpoint> {
    return this._call('POST', `${path(id)}:unpin`);
  }

  /**
   * Puts the checkpoint's variables into a kernel; returns the Rollback checkpoint.
   */
  apply(id: string, kernelId: string): Promise<Applied> {
    return this._call('POST', `${path(id)}:apply`, { kernel_id: kernelId });
  }

  delete(id: string): Promise<void> {
    return this._call('DELETE', path(id));
  }

  /**
   * The node form, prefilled.
   */
  async suggest(id: string): Promise<Suggestion> {
    const found = await this._call<Suggestion>('POST', `${path(id)}:suggest`);
    const warnings = found.warnings.map((message, index) =>
      this._say({ message, ...found.warnings_info[index] })
    );
    return { ...found, warnings };
  }

  /**
   * What would go along with a node's cell.
   */
  async slice(
    id: string,
    request: Partial<SliceRequest>
  ): Promise<SliceGroup[]> {
    const found = await this._call<CheckpointSlice>(
      'POST',
      `${path(id)}:slice`,
      request
    );
    return found.groups;
  }

  setMode(mode: Mode['mode']): Promise<Mode> {
    return this._call('PUT', 'settings/mode', { mode });
  }
}

function path(id: string): string {
  return `checkpoints/${encodeURIComponent(id)}`;
}
