import { screen, waitFor } from '@testing-library/react';

import {
  aCell,
  aNode,
  aSuggestion,
  aSummary,
  aVariable
} from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { Node, NodePatch } from '../../../api/schema';
import { field, openForm, showForm, submit } from './shown-form';

const cell = aCell({ outputs: [aVariable('total')] });

/**
 * The form of a node that is there.
 */
async function edit(change: Partial<Node> = {}, server = new Server()) {
  const node = aNode({ cell, description: 'Rolls dice', ...change });
  server.on('GET nodes/n1', node).on('PATCH nodes/n1', node);
  return { ...(await showForm({ node: 'n1' }, server)), node, server };
}

const sent = (server: Server) => server.bodies('PATCH nodes/n1') as NodePatch[];

describe('The form of a node that is there', () => {
  it('has what the node has, and sends that', async () => {
    const { node, onDone, onTitle, server, user } = await edit({
      folder: 'f-team',
      acl: ['f-team', 'f-archive']
    });
    expect(onTitle.mock.calls).toEqual([['Edit dice']]);
    expect(field('Description').value).toBe('Rolls dice');
    await submit(user, 'Save');
    await waitFor(() => expect(onDone.mock.calls).toEqual([[node]]));
    expect(sent(server)).toEqual([
      {
        name: 'dice',
        description: 'Rolls dice',
        folder: 'f-team',
        acl: ['f-team', 'f-archive'],
        cell: {
          ...cell,
          outputs: [{ ...cell.outputs[0], required: undefined }]
        },
        docker: null,
        provisioning: node.provisioning
      }
    ]);
    expect(server.bodies('POST nodes')).toEqual([]);
  });

  it('sends what was changed', async () => {
    const { server, user } = await edit();
    await fill(user, field('Instances'), '3');
    await submit(user, 'Save');
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].provisioning!.instances).toBe(3);
  });

  it('changes a Docker image', async () => {
    const { server, user } = await edit({ type: 'docker', cell: null });
    await fill(user, field('Image path'), 'registry.test/hello:2');
    await submit(user, 'Save');
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].docker!.image).toBe('registry.test/hello:2');
    expect(sent(server)[0].cell).toBeNull();
  });

  it('keeps the type, and says so', async () => {
    await edit();
    expect(field('Docker').disabled).toBe(true);
    expect(field('Cell').disabled).toBe(false);
    screen.getByText('A node keeps its type.');
  });

  it('shows the folder that the node is in', async () => {
    const { server, user } = await edit();
    const [folder] = (field('Folder') as unknown as HTMLSelectElement)
      .selectedOptions;
    expect(folder.textContent).toBe('default');
    await submit(user, 'Save');
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].folder).toBe('f-default');
  });

  it('moves the node into the default folder, by its id: none would be no change', async () => {
    const { server, user } = await edit({ folder: 'f-team' });
    await user.selectOptions(field('Folder'), 'default');
    await submit(user, 'Save');
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].folder).toBe('f-default');
  });

  it('says why the node is not to be had', async () => {
    const server = new Server().refuse('GET nodes/n1', 'There is no node n1.');
    openForm({ node: 'n1' }, server);
    await screen.findByText('There is no node n1.');
  });

  it('shows a refusal at its field', async () => {
    const { onDone, server, user } = await edit();
    const details = [{ path: 'name', message: 'Taken.' }];
    server.refuse('PATCH nodes/n1', 'Not like this.', { code: 3, details });
    await submit(user, 'Save');
    await screen.findByText('Taken.');
    expect(onDone).not.toHaveBeenCalled();
  });

  it('takes the cell of another checkpoint, and stays the node that it is', async () => {
    const checkpoints = ['c1', 'c2'].map(id =>
      aSummary({ id, name: `pinned-${id}`, pinned: true })
    );
    const server = new Server().on('GET checkpoints', { checkpoints });
    const outputs = [aVariable('other')];
    const suggestion = aSuggestion(
      {},
      { name: 'dice-2', cell: aCell({ checkpoint: 'c2', outputs }) }
    );
    server.on('POST checkpoints/c2:suggest', suggestion);
    const { node, user } = await edit(
      { folder: 'f-team', acl: ['f-archive'] },
      server
    );
    await user.selectOptions(field('Checkpoint'), 'pinned-c2');
    await user.click(screen.getByText('Fill in from it'));
    await waitFor(() => expect(field('Name', 'other').value).toBe('other'));
    await submit(user, 'Save');
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0]).toMatchObject({
      name: 'dice',
      description: 'Rolls dice',
      folder: 'f-team',
      acl: ['f-archive'],
      cell: { checkpoint: 'c2' },
      provisioning: node.provisioning
    });
  });
});
