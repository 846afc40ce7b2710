import type { Requester } from './client';
import type { Say } from './error';
import { ApiError } from './error';
import type {
  Applied,
  CellRef,
  Checkpoint,
  CheckpointList,
  CheckpointSlice,
  CheckpointSummary,
  FoundCheckpoint,
  Mode,
  SliceGroup,
  SliceRequest,
  Suggestion
} from './schema';

/** The reason of an answer that says that the kernel is busy, and asked. */
const WAITS = 'CHECKPOINT_WAITS';

/**
 * What may narrow a list of checkpoints.
 */
interface ICheckpointQuery {
  notebook?: string;
  cell_id?: string;
  kernel_id?: string;
  pinned?: boolean;
  before?: number;
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
    return (await this.page(query)).checkpoints;
  }

  /**
   * The newest, and what is kept of all.
   */
  page(query: ICheckpointQuery = {}): Promise<CheckpointList> {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      words.set(name, String(value));
    }
    return this._call('GET', `checkpoints?${words}`);
  }

  /**
   * The checkpoint of the run that a cell shows.
   */
  find(cell: Partial<CellRef> & { code: string }): Promise<FoundCheckpoint> {
    return this._call('POST', 'checkpoints:find', cell);
  }

  get(id: string): Promise<Checkpoint> {
    return this._call('GET', path(id));
  }

  /**
   * Has a kernel make a checkpoint, however long it is busy.
   *
   * @param onWaits - called each time that the server tells that the kernel is busy still
   */
  async force(kernelId: string, onWaits = () => {}): Promise<Checkpoint> {
    for (;;) {
      try {
        const body = { kernel_id: kernelId, stay: true };
        return await this._call<Checkpoint>('POST', 'checkpoints', body);
      } catch (error) {
        if (!(error instanceof ApiError && error.reason === WAITS)) {
          throw error;
        }
        onWaits();
      }
    }
  }

  /**
   * Calls off a checkpoint that a busy kernel is to make.
   */
  cancel(kernelId: string): Promise<void> {
    return this._call('POST', 'checkpoints:cancel', { kernel_id: kernelId });
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
