import { Notification } from '@jupyterlab/apputils';
import { waitFor } from '@testing-library/react';

import { aCheckpoint } from '../../__tests__/answers';
import { Server } from '../../__tests__/server';
import { told, uiOn } from '../../__tests__/shown';
import { forceCheckpoint } from '../force';

const BUSY = 'The kernel is busy. The checkpoint is made when it is free.';

/**
 * Refuses for a moment, as the server does after half a minute, while the kernel is busy.
 */
function busy(server: Server): Server {
  const body = { code: 4, details: [], message: BUSY, metadata: null };
  const answer = JSON.stringify({ ...body, reason: 'CHECKPOINT_WAITS' });
  return server.on('POST checkpoints', async () => {
    await new Promise(resolve => setTimeout(resolve, 10));
    return new Response(answer, { status: 504 });
  });
}

/**
 * Ctrl+K on a server whose kernel is busy for some answers.
 */
function press(status: 'busy' | 'idle', server: Server) {
  const { store, trans } = uiOn(server);
  const show = jest.fn();
  const kernel = { id: 'k1', status } as const;
  return { made: forceCheckpoint(kernel, store, trans, show), show };
}

describe('forceCheckpoint', () => {
  it('says that the checkpoint was made', async () => {
    const server = new Server().on('POST checkpoints', aCheckpoint());
    await press('idle', server).made;
    expect(told()).toEqual(['Checkpoint made.']);
    expect(server.bodies('POST checkpoints')).toEqual([
      { kernel_id: 'k1', stay: true }
    ]);
  });

  it('says at once that it waits, and goes on until the kernel is free', async () => {
    const server = busy(new Server());
    const { made } = press('busy', server);
    expect(told()).toEqual([BUSY]);
    await waitFor(() =>
      expect(server.bodies('POST checkpoints').length).toBeGreaterThan(3)
    );
    expect(told()).toEqual([BUSY]);
    server.on('POST checkpoints', aCheckpoint());
    await made;
    expect(told()).toEqual(['Checkpoint made.']);
  });

  it('asks once however often the key is pressed', async () => {
    const server = new Server().on('POST checkpoints', aCheckpoint());
    const release = server.hold('POST checkpoints');
    const { made } = press('busy', server);
    await press('busy', server).made;
    release();
    await made;
    expect(server.bodies('POST checkpoints')).toHaveLength(1);
  });

  it('can be called off', async () => {
    const server = busy(new Server());
    server.on('POST checkpoints:cancel', () => {
      server.refuse('POST checkpoints', 'The checkpoint was called off.');
      return new Response(null, { status: 204 });
    });
    const { made } = press('busy', server);
    const [notice] = Notification.manager.notifications;
    notice.options.actions![0].callback(new MouseEvent('click'));
    await made;
    expect(told()).toEqual([]);
    expect(server.bodies('POST checkpoints:cancel')).toEqual([
      { kernel_id: 'k1' }
    ]);
  });

  it('tells why there will be none', async () => {
    const server = new Server();
    server.refuse('POST checkpoints', 'The kernel is dead.');
    await expect(press('busy', server).made).rejects.toThrow('is dead');
    expect(told()).toEqual([]);
  });
});
