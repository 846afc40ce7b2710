import { screen, waitFor, within } from '@testing-library/react';

import { aSecret, HEALTH } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { NodeCreate } from '../../../api/schema';
import { button, field, group, showForm, submit } from './shown-form';

/**
 * A filled-in form, on a server whose folders have these secrets.
 */
function show(secrets = [aSecret('db-password'), aSecret('key', 'f-team')]) {
  const server = new Server().on('GET secrets', ({ query }) => ({
    secrets: secrets.filter(
      one => one.folder === (query.get('folder') ?? 'f-default')
    )
  }));
  return showForm({ checkpoint: 'c1' }, server);
}

type Shown = Awaited<ReturnType<typeof show>>;

/**
 * Adds an environment variable that has a secret's value.
 */
async function addOfSecret({ user }: Shown): Promise<HTMLInputElement> {
  await user.click(button('Add variable'));
  await fill(user, field('Name', 'New variable'), 'PASSWORD');
  await user.selectOptions(field('Source', 'PASSWORD'), 'Secret');
  return field('Secret', 'PASSWORD');
}

const choices = (select: HTMLElement) =>
  [...select.querySelectorAll('option')].map(one => one.textContent);

const sent = (server: Server) =>
  (server.bodies('POST nodes') as NodeCreate[]).map(one => one.cell!);

describe('The environment', () => {
  it('has values and secrets, and the network if it is to', async () => {
    const shown = await show();
    const { server, user } = shown;
    await user.click(button('Add variable'));
    await fill(user, field('Name', 'New variable'), 'MODE');
    await fill(user, field('Value', 'MODE'), 'fast');
    const secret = await addOfSecret(shown);
    await waitFor(() => expect(choices(secret)).toContain('db-password'));
    await user.selectOptions(secret, 'db-password');
    await user.click(field(/^Allow instances to reach/));
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0]).toMatchObject({
      env: [
        { name: 'MODE', value: 'fast', secret: null },
        { name: 'PASSWORD', value: null, secret: 'db-password' }
      ],
      egress: true
    });
  });

  it('loses what is removed', async () => {
    const { server, user } = await show();
    for (const name of ['ONE', 'TWO']) {
      await user.click(button('Add variable'));
      await fill(user, field('Name', 'New variable'), name);
    }
    await user.click(button('Remove ONE'));
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].env.map(one => one.name)).toEqual(['TWO']);
  });

  it('says what is wrong with a variable', async () => {
    const shown = await show();
    const { server, user } = shown;
    await addOfSecret(shown);
    await fill(user, field('Name', 'PASSWORD'), '1st');
    await submit(user);
    within(group('1st')).getByText(/^Use Latin letters/);
    within(group('1st')).getByText('Required');
    expect(server.changes).toEqual([]);
  });

  it('offers the secrets of the folder that the node is in', async () => {
    const shown = await show();
    const secret = await addOfSecret(shown);
    await waitFor(() => expect(choices(secret)).toContain('db-password'));
    await shown.user.selectOptions(field('Folder'), 'team');
    await waitFor(() =>
      expect(choices(secret)).toEqual(['Choose a secret', 'key', 'New secret…'])
    );
  });

  it('offers a secret as soon as another one has made it', async () => {
    const secrets = [aSecret('db-password')];
    const shown = await show(secrets);
    const secret = await addOfSecret(shown);
    secrets.push(aSecret('another'));
    shown.server.socket.tell('secret', 'created', 'f-default/another');
    await waitFor(() => expect(choices(secret)).toContain('another'));
  });

  it('makes a secret on the way, in the folder of the node, and takes it', async () => {
    const secrets = [aSecret('key', 'f-team')];
    const shown = await show(secrets);
    const { server, user } = shown;
    server.on('POST secrets', () => {
      secrets.push(aSecret('fresh', 'f-team'));
      return aSecret('fresh', 'f-team');
    });
    await user.selectOptions(field('Folder'), 'team');
    await user.selectOptions(await addOfSecret(shown), 'New secret…');
    const dialog = within(await screen.findByRole('dialog'));
    await fill(user, dialog.getByLabelText('Name'), 'fresh');
    await fill(user, dialog.getByLabelText('Value'), 's3cret');
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(field('Secret', 'PASSWORD').value).toBe('fresh')
    );
    expect(server.bodies('POST secrets')).toEqual([
      { name: 'fresh', value: 's3cret', folder: 'f-team' }
    ]);
  });

  it('asks again for a name that no secret can have', async () => {
    const shown = await show();
    const { server, user } = shown;
    await user.selectOptions(await addOfSecret(shown), 'New secret…');
    const dialog = within(await screen.findByRole('dialog'));
    await fill(user, dialog.getByLabelText('Name'), '1');
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    await screen.findByText(/^A name has 3 to 63 Latin letters/);
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(field('Secret', 'PASSWORD').value).toBe('');
    expect(server.changes).toEqual([]);
  });

  it('says what the backend cannot do', async () => {
    const missing = { env: 'No variables here.', egress: 'No way out.' };
    const health = { ...HEALTH, missing, missing_info: {} };
    await showForm({}, new Server().on('GET health', health));
    screen.getByText('No variables here.');
    screen.getByText('No way out.');
    const variables = group('Environment variables') as HTMLFieldSetElement;
    expect(variables.disabled).toBe(true);
    expect(field(/^Allow instances to reach/).disabled).toBe(true);
  });
});
