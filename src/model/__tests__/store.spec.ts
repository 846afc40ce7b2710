import { Signal } from '@lumino/signaling';

import type { Client } from '../../api/client';
import type { IChange } from '../store';
import { Store } from '../store';
import type { EventStream, IEvent } from '../stream';

const SCHEMAS = 'https://jupyter-node-deploy.readthedocs.io/events';

/**
 * A store on a server that is counted and told what to answer.
 */
function setUp(checkpoints: object = {}) {
  const asked = { checkpoints: 0, nodes: 0, secrets: 0 };
  const server = { refusal: '' };
  const answer = (kind: 'checkpoints' | 'nodes') => async () => {
    asked[kind]++;
    if (server.refusal) {
      throw new Error(server.refusal);
    }
    return [{ id: `${kind}-${asked[kind]}` }];
  };
  const page = async () => ({
    checkpoints: await answer('checkpoints')(),
    kept: null
  });
  const client = {
    checkpoints: { page, ...checkpoints },
    nodes: { list: answer('nodes') },
    folders: async () => [{ id: 'f' }],
    secrets: async () => {
      asked.secrets++;
      return [];
    }
  } as unknown as Client;
  const stream = {} as unknown as EventStream & { dispose: () => void };
  Object.assign(stream, {
    event: new Signal<EventStream, IEvent>(stream),
    openChanged: new Signal<EventStream, boolean>(stream),
    dispose: () => Signal.clearData(stream)
  });
  const store = new Store(client, stream);
  const changes: IChange[] = [];
  store.changed.connect((_, change) => changes.push(change));
  return { asked, changes, server, store, stream };
}

const settled = () => new Promise(resolve => setTimeout(resolve, 0));

describe('Store', () => {
  it('reads the list that an event is of, and only that one', async () => {
    const { asked, changes, store, stream } = setUp();
    stream.event.emit({
      schema_id: `${SCHEMAS}/node/v1`,
      action: 'created',
      id: 'n'
    });
    await settled();
    expect(asked).toMatchObject({ checkpoints: 0, nodes: 1 });
    expect(store.nodes.items).toEqual([{ id: 'nodes-1' }]);
    expect(changes).toEqual([{ kind: 'node', id: 'n', action: 'created' }]);
    store.dispose();
  });

  it('reads the secrets again once they were read', async () => {
    const { asked, store, stream } = setUp();
    const event = { schema_id: `${SCHEMAS}/secret/v1`, action: 'created' };
    stream.event.emit({ ...event, id: 'f/a' });
    await settled();
    expect(asked.secrets).toBe(0);
    await store.secrets.refresh();
    stream.event.emit({ ...event, id: 'f/b' });
    await settled();
    expect(asked.secrets).toBe(2);
    store.dispose();
  });

  it('leaves the events of others alone', async () => {
    const { asked, changes, store, stream } = setUp();
    stream.event.emit({ schema_id: 'https://events.jupyter.org/other/v1' });
    await settled();
    expect(asked).toMatchObject({ checkpoints: 0, nodes: 0 });
    expect(changes).toEqual([]);
    store.dispose();
  });

  it('tells of a checkpoint that could not be made', () => {
    const { store, stream } = setUp();
    const told: string[] = [];
    store.checkpointFailed.connect((_, message) => told.push(message));
    stream.event.emit({
      schema_id: `${SCHEMAS}/checkpoint/v1`,
      action: 'failed',
      kernel_id: 'k',
      message: 'No space left.'
    });
    expect(told).toEqual(['No space left.']);
    store.dispose();
  });

  it('knows when the server goes, and reads everything when it is back', async () => {
    const { asked, changes, store, stream } = setUp();
    const online: boolean[] = [];
    store.onlineChanged.connect((_, value) => online.push(value));
    stream.openChanged.emit(false);
    stream.openChanged.emit(false);
    expect(store.online).toBe(false);
    stream.openChanged.emit(true);
    await settled();
    expect(online).toEqual([false, true]);
    expect(asked).toMatchObject({ checkpoints: 1, nodes: 1 });
    expect(changes).toEqual([{}]);
    store.dispose();
  });

  it('asks again while the server is starting', async () => {
    jest.useFakeTimers();
    const { changes, server, store } = setUp();
    server.refusal = 'Still starting.';
    await store.refresh();
    expect(store.nodes.error).toBe('Still starting.');
    server.refusal = '';
    await jest.advanceTimersByTimeAsync(1500);
    expect(store.nodes.error).toBeNull();
    expect(store.nodes.items).toHaveLength(1);
    expect(changes).toEqual([{}]);
    store.dispose();
    jest.useRealTimers();
  });

  it('lists the newest checkpoints, and all page by page when asked', async () => {
    const all = Array.from({ length: 2500 }, (_, index) => ({
      id: `c${index}`,
      created_at: 5000 - index
    }));
    const page = async ({ limit = 0, before = Infinity }) => ({
      checkpoints: all.filter(one => one.created_at < before).slice(0, limit),
      kept: { count: 2500 }
    });
    const list = async (query: object) => (await page(query)).checkpoints;
    const { store } = setUp({ list, page });
    await store.checkpoints.refresh();
    expect(store.checkpoints.items).toHaveLength(100);
    expect(store.kept).toEqual({ count: 2500 });
    await store.showAll();
    expect(store.checkpoints.items).toEqual(all);
    store.dispose();
  });
});
