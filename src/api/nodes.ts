import type { Requester } from './client';
import type {
  DryRun,
  Node,
  NodeAnswer,
  NodeCreate,
  NodeList,
  NodePatch,
  NodeRequest,
  Revision,
  RevisionList
} from './schema';

/**
 * JSON that goes into or comes out of a node, by variable.
 */
type Values = Record<string, unknown>;

/**
 * The nodes of the control API.
 */
export class NodesApi {
  constructor(private readonly _call: Requester) {}

  async list(): Promise<Node[]> {
    return (await this._call<NodeList>('GET', 'nodes')).nodes;
  }

  get(id: string): Promise<Node> {
    return this._call('GET', path(id));
  }

  create(node: NodeCreate): Promise<Node> {
    return this._call('POST', 'nodes', node);
  }

  patch(id: string, change: Partial<NodePatch>): Promise<Node> {
    return this._call('PATCH', path(id), change);
  }

  delete(id: string): Promise<Node> {
    return this._call('DELETE', path(id));
  }

  suspend(id: string): Promise<Node> {
    return this._call('POST', `${path(id)}:suspend`);
  }

  resume(id: string): Promise<Node> {
    return this._call('POST', `${path(id)}:resume`);
  }

  restart(id: string): Promise<Node> {
    return this._call('POST', `${path(id)}:restart`);
  }

  rollback(id: string, revision: number): Promise<Node> {
    return this._call('POST', `${path(id)}:rollback`, { revision });
  }

  /**
   * Sends a test request; whatever the node answers is no error here.
   */
  request(id: string, request: NodeRequest): Promise<NodeAnswer> {
    return this._call('POST', `${path(id)}:request`, request);
  }

  /**
   * Runs the cell once and creates nothing; null leaves the inputs as the checkpoint has them.
   */
  validate(node: NodeCreate, input: Values | null): Promise<DryRun> {
    return this._call('POST', 'nodes:validate', { node, input });
  }

  async revisions(id: string): Promise<Revision[]> {
    const found = await this._call<RevisionList>(
      'GET',
      `${path(id)}/revisions`
    );
    return found.revisions;
  }
}

function path(id: string): string {
  return `nodes/${encodeURIComponent(id)}`;
}
