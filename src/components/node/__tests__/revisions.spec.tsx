import { screen, waitFor, within } from '@testing-library/react';

import { aCell, aNode, aRevision } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { told } from '../../../__tests__/shown';
import { showPage } from './shown-page';

const { provisioning } = aNode();
const REVISIONS = [
  aRevision(3, {
    cell: aCell({ timeout: 5, isolation: 'request' }),
    provisioning: { ...provisioning, instances: 9 }
  }),
  aRevision(2, { reason: 'It did not become healthy.' }),
  aRevision(1)
];

/**
 * The tab of a node whose third revision is the current one.
 */
async function show(revisions = REVISIONS) {
  const server = new Server().on('GET nodes/n1/revisions', { revisions });
  const result = await showPage({ revision: 3 }, 'Revisions', server);
  await screen.findByRole('table');
  return result;
}

const row = (number: number) =>
  screen.getByRole('row', { name: RegExp(`^${number} `) });

describe('Revisions', () => {
  it('says why they cannot be had', async () => {
    const server = new Server().refuse('GET nodes/n1/revisions', 'Busy.');
    await showPage({}, 'Revisions', server);
    await screen.findByText('Busy.');
  });

  it('tells what changed from each to the next', async () => {
    await show();
    const changes = [3, 2, 1].map(one => row(one).children[2].textContent);
    expect(changes).toEqual([
      'timeout, isolation, instances',
      'NothingIt did not become healthy.',
      'The first one'
    ]);
  });

  it('offers no way back to the current one', async () => {
    await show();
    within(row(3)).getByText('current');
    expect(within(row(3)).queryByRole('button')).toBeNull();
    expect(screen.getAllByRole('button', { name: 'Roll back' })).toHaveLength(
      2
    );
  });

  it.each([1, 2])('rolls back to the revision of the row: %s', async number => {
    const { server, user } = await show();
    server.on('POST nodes/n1:rollback', aNode());
    await user.click(within(row(number)).getByRole('button'));
    const dialog = within(await screen.findByRole('dialog'));
    dialog.getByText(`Roll dice back to revision ${number}?`);
    await user.click(dialog.getByRole('button', { name: 'Roll back' }));
    await waitFor(() =>
      expect(told()).toEqual([`Rolling back to revision ${number}.`])
    );
    expect(server.changes).toEqual([
      { request: 'POST nodes/n1:rollback', body: { revision: number } }
    ]);
  });

  it('rolls nothing back when the user thinks better of it', async () => {
    const { server, user } = await show();
    await user.click(within(row(1)).getByRole('button'));
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(server.changes).toEqual([]);
  });

  it('tells why one cannot be rolled back to', async () => {
    const { server, user } = await show();
    server.refuse('POST nodes/n1:rollback', 'Its secrets are gone.');
    await user.click(within(row(1)).getByRole('button'));
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Roll back' }));
    await waitFor(() => expect(told()).toEqual(['Its secrets are gone.']));
  });

  it('shows a new revision as soon as there is one', async () => {
    const { server } = await show(REVISIONS.slice(2));
    server.on('GET nodes/n1/revisions', { revisions: REVISIONS });
    server.socket.tell('node', 'changed', 'n1');
    await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(4));
  });
});
