import { screen, waitFor } from '@testing-library/react';

import { HEALTH } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import { field, openForm, showForm, submit } from './shown-form';

describe('A half-filled form', () => {
  it('is there again after the page was loaded anew', async () => {
    const first = await showForm({ checkpoint: 'c1' });
    await fill(first.user, field('Name'), 'half');
    await fill(first.user, field('Name', 'sides'), 'corners');
    const [kept] = first.onChange.mock.lastCall;
    first.unmount();
    const server = new Server();
    await showForm(
      { checkpoint: 'c1', kept: JSON.parse(JSON.stringify(kept)) },
      server
    );
    expect(field('Name').value).toBe('half');
    expect(field('Name', 'corners').value).toBe('corners');
    expect(field(/^Example input/).value).toContain('"sides": 6');
    expect(screen.queryByText('Fill in from it')).toBeNull();
    expect(server.bodies('POST checkpoints/c1:suggest')).toEqual([]);
  });

  it('is kept with each change', async () => {
    const { onChange, user } = await showForm();
    expect(onChange).not.toHaveBeenCalled();
    await user.type(field('Name'), 'ab');
    expect(onChange).toHaveBeenCalledTimes(2);
    expect(onChange.mock.lastCall[0].draft.name).toBe('ab');
  });

  it('is begun anew where what was kept is of another version', async () => {
    const kept = { format: 0, draft: { name: 'old' } };
    await showForm({ checkpoint: 'c1', kept });
    expect(field('Name').value).toBe('dice');
  });

  it('stays as it is when the server refuses it', async () => {
    const { server, user } = await showForm({ checkpoint: 'c1' });
    server.refuse('POST nodes', 'No room for it.');
    await fill(user, field('Name'), 'mine');
    await submit(user);
    await screen.findByText('No room for it.');
    expect(field('Name').value).toBe('mine');
    expect(field('Name', 'sides').value).toBe('sides');
  });

  it('is sent once, however often the button is pressed meanwhile', async () => {
    const { onDone, server, user } = await showForm({ checkpoint: 'c1' });
    const release = server.hold('POST nodes');
    await submit(user);
    await submit(user);
    release();
    await waitFor(() => expect(onDone).toHaveBeenCalledTimes(1));
    expect(server.bodies('POST nodes')).toHaveLength(1);
  });

  it('cannot be typed into while it is still being filled in', async () => {
    const server = new Server();
    const release = server.hold('POST checkpoints/c1:suggest');
    openForm({ checkpoint: 'c1' }, server);
    await waitFor(() =>
      expect(server.bodies('POST checkpoints/c1:suggest')).toHaveLength(1)
    );
    expect(screen.queryByRole('form')).toBeNull();
    release();
    await screen.findByRole('form');
    expect(field('Name').value).toBe('dice');
  });

  it('comes back by itself when the server was not ready for it', async () => {
    const { onChange, user, unmount } = await showForm();
    await user.type(field('Name'), 'half');
    const [kept] = onChange.mock.lastCall;
    unmount();
    const server = new Server().refuse('GET health', 'Still starting.');
    openForm({ kept }, server);
    await screen.findByText('Still starting.');
    server.on('GET health', HEALTH);
    server.socket.open();
    await screen.findByRole('form');
    expect(field('Name').value).toBe('half');
  });
});
