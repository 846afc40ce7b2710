import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { aNode, aSecret, aSummary } from '../../__tests__/answers';
import { Server } from '../../__tests__/server';
import { uiOn } from '../../__tests__/shown';
import { NodeDeployPanel } from '../panel';

let panel: NodeDeployPanel;
afterEach(() => act(() => panel.dispose()));

/**
 * The panel on a server that has one of each.
 */
async function show(server = new Server()) {
  server
    .on('GET checkpoints', { checkpoints: [aSummary()] })
    .on('GET nodes', { nodes: [aNode()] })
    .on('GET secrets', ({ query }) => ({
      secrets: query.get('folder') === 'f-team' ? [aSecret('key')] : []
    }));
  const ui = uiOn(server);
  panel = new NodeDeployPanel(ui, nullTranslator);
  await act(async () => Widget.attach(panel, document.body));
  void ui.store.refresh();
  return { server, ui, user: userEvent.setup() };
}

const rows = async (list: string) =>
  within(await screen.findByRole('list', { name: list })).getAllByRole(
    'listitem'
  );
const notice = () => screen.getByRole('status').textContent;

describe('NodeDeployPanel', () => {
  it('shows checkpoints, nodes and secrets', async () => {
    await show();
    for (const list of ['Checkpoints', 'Nodes', 'Secrets']) {
      expect(await rows(list)).toHaveLength(1);
    }
    expect(notice()).toBe('');
  });

  it('searches all of them', async () => {
    const { user } = await show();
    await rows('Nodes');
    await user.type(screen.getByRole('searchbox'), 'dice healthy');
    expect(await rows('Nodes')).toHaveLength(1);
    screen.getByText('No checkpoint matches the search.');
    await screen.findByText('No secret matches the search.');
  });

  it('takes the focus to the search when asked to', async () => {
    await show();
    await rows('Nodes');
    act(() => panel.search.focus());
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
  });

  it('opens an empty form', async () => {
    const { ui, user } = await show();
    await user.click(screen.getByRole('button', { name: 'Create node…' }));
    expect(ui.openForm.mock.calls).toEqual([[]]);
  });

  it('asks for a new secret', async () => {
    const { user } = await show();
    await user.click(screen.getByRole('button', { name: 'New secret…' }));
    const dialog = within(await screen.findByRole('dialog'));
    dialog.getByText('New secret');
    dialog.getByLabelText('Name');
    dialog.getByLabelText('Value');
  });

  it('says that the server is away, and forgets that when it is back', async () => {
    const { server } = await show();
    await rows('Nodes');
    server.socket.close();
    expect(notice()).toMatch(/^The Jupyter server does not answer/);
    expect(await rows('Nodes')).toHaveLength(1);
    server.on('GET nodes', { nodes: [] });
    server.socket.open();
    expect(notice()).toBe('');
    await screen.findByText(/^Right-click a code cell/);
  });

  it('says why the server refuses', async () => {
    const { server, ui } = await show();
    await rows('Nodes');
    server.refuse('GET nodes', 'The catalog is locked.');
    await act(() => ui.store.nodes.refresh());
    await waitFor(() => expect(notice()).toBe('The catalog is locked.'));
  });
});
