import { act, screen, within } from '@testing-library/react';
import * as React from 'react';

import { aNode } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { shown } from '../../../__tests__/shown';
import { Search } from '../../../model/search';
import { Nodes } from '../list';

const FAILED = aNode({
  id: 'n2',
  name: 'weather',
  type: 'docker',
  description: 'Rain or shine',
  status: 'FAILED',
  reason: 'The image is not there.'
});

/**
 * The list on a server that has these nodes.
 */
function show(nodes = [aNode(), FAILED]) {
  const server = new Server().on('GET nodes', { nodes });
  const search = new Search();
  const result = shown(<Nodes search={search} />, server);
  void result.ui.store.refresh();
  return { ...result, search, server };
}

const rows = () => screen.findAllByRole('listitem');

describe('Nodes', () => {
  it('says how to make one where there is none', async () => {
    show([]);
    screen.getByText('Loading…');
    await screen.findByText(/^Right-click a code cell/);
  });

  it('says why there are none to be seen', async () => {
    const server = new Server().refuse('GET nodes', 'Still starting.');
    const { ui } = shown(<Nodes search={new Search()} />, server);
    void ui.store.refresh();
    await screen.findByText('Still starting.');
  });

  it('shows what each is and how it is, the reason on hover', async () => {
    show();
    const [healthy, failed] = await rows();
    expect(healthy.textContent).toBe('dice✓HEALTHYCell3 hr. ago');
    expect(failed.textContent).toBe(
      'weatherRain or shine!FAILEDDocker3 hr. ago'
    );
    expect(within(failed).getByText('FAILED').title).toBe(
      'The image is not there.'
    );
  });

  it('leaves those that the search matches, by description and status, too', async () => {
    const { search } = show();
    await rows();
    act(() => void (search.text = 'rain failed'));
    expect(await rows()).toHaveLength(1);
    screen.getByText('weather');
    act(() => void (search.text = 'nothing'));
    screen.getByText('No node matches the search.');
  });

  it('opens the one that is clicked', async () => {
    const { ui, user } = show();
    await user.click(await screen.findByText('weather'));
    expect(ui.openNode.mock.calls).toEqual([['n2']]);
  });

  it('shows how a node is as soon as that changes', async () => {
    const { server } = show([aNode({ status: 'PREPARING' })]);
    await screen.findByText('PREPARING');
    server.on('GET nodes', { nodes: [aNode()] });
    server.socket.tell('node', 'changed', 'n1');
    await screen.findByText('HEALTHY');
  });

  it('keeps showing what it has while the server refuses', async () => {
    const { server, ui } = show();
    await rows();
    server.refuse('GET nodes', 'Busy.');
    await act(() => ui.store.nodes.refresh());
    expect(await rows()).toHaveLength(2);
  });
});
