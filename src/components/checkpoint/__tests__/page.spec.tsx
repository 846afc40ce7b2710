import { screen, waitFor, within } from '@testing-library/react';
import type { Session } from '@jupyterlab/services';
import * as React from 'react';

import { aCheckpoint, aSaved } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { shown, told, uiOn } from '../../../__tests__/shown';
import type { Checkpoint } from '../../../api/schema';
import { CheckpointPage } from '../page';

const KERNELS = [
  { id: 's1', path: 'other.ipynb', kernel: { id: 'k8' } },
  { id: 's2', path: 'games/dice.ipynb', kernel: { id: 'k9' } }
] as Session.IModel[];

/**
 * The page of a checkpoint, on a server that has it, with these kernels running.
 */
async function show(change: Partial<Checkpoint> = {}, kernels = KERNELS) {
  const server = new Server().on('GET checkpoints/c1', aCheckpoint(change));
  const calls = { onTitle: jest.fn(), onGone: jest.fn() };
  const page = <CheckpointPage id="c1" {...calls} />;
  const result = shown(page, server, uiOn(server, kernels));
  await screen.findByRole('main');
  return { ...result, ...calls, server };
}

const part = (name: string) => within(screen.getByRole('region', { name }));

/**
 * Presses a button of the dialog that asks whether to go on.
 */
async function answer(
  user: Awaited<ReturnType<typeof show>>['user'],
  name: string
) {
  const button = await within(await screen.findByRole('dialog')).findByRole(
    'button',
    { name }
  );
  await user.click(button);
  await waitFor(() => expect(button.isConnected).toBe(false));
}

describe('CheckpointPage', () => {
  it('says that it is loading, or why it cannot', async () => {
    const server = new Server().refuse('GET checkpoints/c1', 'It is gone.');
    const calls = { onTitle: jest.fn(), onGone: jest.fn() };
    shown(<CheckpointPage id="c1" {...calls} />, server);
    screen.getByText('Loading…');
    await screen.findByText('It is gone.');
  });

  it('shows where the checkpoint comes from', async () => {
    const { onTitle } = await show({
      name: 'best',
      pinned: true,
      pinned_by: 'ann',
      status: 'error'
    });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('best');
    expect(screen.getByRole('banner').textContent).toContain(
      'Cell run[7]games/dice.ipynb3 hr. ago2.5 kBpinned by annThe cell raised an error'
    );
    expect(onTitle.mock.calls).toEqual([['best']]);
  });

  it('shows code and outputs of the cell', async () => {
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'rolled' }];
    await show({ outputs });
    const code = part('Cell code').getByLabelText('Cell code');
    expect(code.textContent).toBe('total = roll(sides)total');
    await part('Outputs').findByText('rolled');
  });

  it('runs no script of an output', async () => {
    const html = '<b>bold</b><script>document.title = "caught"</script>';
    const data = { 'text/html': html };
    const output = { output_type: 'display_data', data, metadata: {} };
    await show({ outputs: [output] });
    await part('Outputs').findByText('bold');
    expect(document.querySelector('main script')).toBeNull();
    expect(document.title).not.toBe('caught');
  });

  it('says what there is none of', async () => {
    const { onTitle } = await show({
      code: '',
      first_line: '',
      operation: 'Forced'
    });
    part('Cell code').getByText('This checkpoint is not of a cell.');
    part('Outputs').getByText('The cell showed nothing.');
    part('Variables').getByText('The kernel had no variables.');
    expect(onTitle.mock.calls).toEqual([['Forced']]);
  });

  it('shows the variables, and why some were not saved', async () => {
    await show({
      variables: [
        aSaved('sides'),
        aSaved('data', { type: 'DataFrame', shape: '(2, 3)', size: 2000 }),
        aSaved('socket', { type: 'socket', reason: 'it is a connection' })
      ]
    });
    const cells = part('Variables')
      .getAllByRole('row')
      .map(row => [...row.children].map(one => one.textContent));
    expect(cells).toEqual([
      ['Name', 'Type', 'Size', 'Value'],
      ['sides', 'int', '28 B', '6'],
      ['data', 'DataFrame (2, 3)', '2.0 kB', '6'],
      ['socket', 'socket', '–', 'Not saved: it is a connection']
    ]);
  });

  it('follows the checkpoint', async () => {
    const { server } = await show();
    screen.getByRole('button', { name: 'Pin' });
    const pinned = aCheckpoint({ pinned: true, name: 'best' });
    server.on('GET checkpoints/c1', pinned);
    server.socket.tell('checkpoint', 'changed', 'c1');
    await screen.findByRole('button', { name: 'Unpin' });
    server.refuse('GET checkpoints/c1', 'Busy.');
    server.socket.tell('checkpoint', 'changed', 'c1');
    await screen.findByText('Busy.');
    screen.getByRole('button', { name: 'Unpin' });
  });

  it('opens the form that the checkpoint fills in', async () => {
    const { ui, user } = await show();
    await user.click(screen.getByRole('button', { name: 'Deploy…' }));
    expect(ui.openForm.mock.calls).toEqual([['c1']]);
  });

  it('pins and unpins', async () => {
    const { server, user } = await show({ pinned: true });
    server.on('POST checkpoints/c1:unpin', aCheckpoint());
    await user.click(screen.getByRole('button', { name: 'Unpin' }));
    await waitFor(() => expect(told()).toHaveLength(1));
    server.on('GET checkpoints/c1', aCheckpoint());
    server.socket.tell('checkpoint', 'changed', 'c1');
    server.on('POST checkpoints/c1:pin', aCheckpoint());
    await user.click(await screen.findByRole('button', { name: 'Pin' }));
    await answer(user, 'Pin');
    await waitFor(() => expect(told()).toHaveLength(2));
    expect(server.changes.map(one => one.request)).toEqual([
      'POST checkpoints/c1:unpin',
      'POST checkpoints/c1:pin'
    ]);
  });

  it('goes once it is deleted, which the user has to confirm', async () => {
    const { onGone, server, user } = await show();
    server.on('DELETE checkpoints/c1', undefined);
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await answer(user, 'Cancel');
    expect(server.changes).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await answer(user, 'Delete');
    await waitFor(() => expect(onGone).toHaveBeenCalledTimes(1));
    expect(server.changes).toEqual([
      { request: 'DELETE checkpoints/c1', body: undefined }
    ]);
  });

  it('stays when the server does not delete it', async () => {
    const { onGone, server, user } = await show();
    server.refuse('DELETE checkpoints/c1', 'It is pinned.');
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await answer(user, 'Delete');
    await waitFor(() => expect(told()).toEqual(['It is pinned.']));
    expect(onGone).not.toHaveBeenCalled();
  });
});

describe('Apply', () => {
  const APPLY = 'POST checkpoints/c1:apply';
  const press = (user: Awaited<ReturnType<typeof show>>['user']) =>
    user.click(screen.getByRole('button', { name: 'Apply' }));

  it.each([
    ['the one that it came from', 'k8', 'k8'],
    ['else that of its notebook', 'gone', 'k9']
  ])('puts the variables into a kernel: %s', async (_, kernel_id, into) => {
    const { server, user } = await show({ kernel_id });
    server.on(APPLY, { failures: [] });
    await press(user);
    await answer(user, 'Apply');
    await waitFor(() => expect(told()[0]).toMatch(/^The variables are as/));
    expect(server.changes).toEqual([
      { request: APPLY, body: { kernel_id: into } }
    ]);
  });

  it('asks for the notebook where neither runs', async () => {
    const { server, user } = await show(
      { kernel_id: 'gone' },
      KERNELS.slice(0, 1)
    );
    server.on(APPLY, { failures: [] });
    await press(user);
    await answer(user, 'Choose');
    await answer(user, 'Apply');
    await waitFor(() => expect(told()).toHaveLength(1));
    expect(server.bodies(APPLY)).toEqual([{ kernel_id: 'k8' }]);
  });

  it('says that a kernel has to run', async () => {
    jest.spyOn(console, 'warn').mockImplementation(); // Lab says it there, too
    const { server, user } = await show({}, []);
    await press(user);
    await screen.findByText('No kernel is running');
    expect(server.changes).toEqual([]);
  });

  it('changes nothing when the user thinks better of it', async () => {
    const { server, user } = await show();
    await press(user);
    await answer(user, 'Cancel');
    expect(server.changes).toEqual([]);
  });

  it('tells what could not be restored', async () => {
    const { server, user } = await show();
    const failures = [{ names: ['a', 'b'], reason: 'no such class' }];
    server.on(APPLY, { failures });
    await press(user);
    await answer(user, 'Apply');
    await waitFor(() =>
      expect(told()).toEqual(['Restored, all but these. a, b: no such class'])
    );
  });
});
