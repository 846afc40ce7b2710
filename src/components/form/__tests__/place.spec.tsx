import { waitFor, within } from '@testing-library/react';

import {
  aSuggestion,
  CONFIGURATIONS,
  HEALTH
} from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { NodeCreate } from '../../../api/schema';
import { button, field, group, showForm, submit } from './shown-form';

const { provisioning } = aSuggestion().node;
const OTHER = CONFIGURATIONS[1].id;
const ACL = 'Access control list (ACL)';

const show = (server?: Server) => showForm({ checkpoint: 'c1' }, server);

/**
 * Sends the form.
 *
 * @returns what the server got
 */
async function sent({ server, user }: Awaited<ReturnType<typeof show>>) {
  await submit(user);
  await waitFor(() => expect(server.bodies('POST nodes')).toHaveLength(1));
  return server.bodies('POST nodes')[0] as NodeCreate;
}

const box = (name: string) =>
  within(group(ACL)).getByLabelText<HTMLInputElement>(name);
const boxes = () =>
  ['archive', 'default', 'team'].filter(name => box(name).checked);
const summary = (title: string) =>
  group(title).querySelector('summary')!.textContent;

describe('Provisioning', () => {
  it('sends how much of what is to run', async () => {
    const shown = await show();
    const { user } = shown;
    await user.selectOptions(
      field('Instance configuration'),
      `${OTHER}: 4 cores, 16 GB`
    );
    await fill(user, field('Instances'), '5');
    await fill(user, field('Maintenance limit'), '2');
    expect(summary('Provisioning')).toBe(`Provisioning${OTHER} × 5`);
    expect((await sent(shown)).provisioning).toEqual({
      ...provisioning,
      configuration: OTHER,
      instances: 5,
      maintenance_limit: 2
    });
  });

  it('sends the zones', async () => {
    const shown = await show();
    const { user } = shown;
    await user.click(button('Add availability zone'));
    await user.click(button('Add availability zone'));
    const zones = within(group('Distribution by zones'));
    await user.selectOptions(zones.getAllByLabelText('Zone')[1], 'zone-b');
    await fill(user, zones.getAllByLabelText('Subnet')[1], 'inner');
    expect((await sent(shown)).provisioning.zones).toEqual([
      { zone: 'zone-a', subnet: null },
      { zone: 'zone-b', subnet: 'inner' }
    ]);
  });

  it('sends no zone that was removed', async () => {
    const shown = await show();
    await shown.user.click(button('Add availability zone'));
    await shown.user.click(button('Remove zone-a'));
    expect((await sent(shown)).provisioning.zones).toEqual([]);
  });

  it('says why there are no zones', async () => {
    const missing = { zones: 'This backend has no zones.' };
    const health = { ...HEALTH, missing, missing_info: {} };
    await show(new Server().on('GET health', health));
    within(group('Distribution by zones')).getByText(missing.zones);
    expect(button('Add availability zone').disabled).toBe(true);
  });
});

describe('Folder and access', () => {
  it('are left to the server unless something is chosen', async () => {
    const shown = await show();
    expect(boxes()).toEqual(['default']);
    expect(await sent(shown)).toMatchObject({ folder: null, acl: null });
  });

  it('send the folder, whose tokens are then accepted', async () => {
    const shown = await show();
    await shown.user.selectOptions(field('Folder'), 'team');
    expect(boxes()).toEqual(['team']);
    expect(summary(ACL)).toBe(`${ACL}team`);
    expect(await sent(shown)).toMatchObject({ folder: 'f-team', acl: null });
  });

  it('send the folders that are chosen', async () => {
    const shown = await show();
    await shown.user.click(box('archive'));
    await shown.user.click(box('default'));
    expect(boxes()).toEqual(['archive']);
    expect(await sent(shown)).toMatchObject({ acl: ['f-archive'] });
  });

  it('can accept the tokens of no folder', async () => {
    const shown = await show();
    await shown.user.click(box('default'));
    expect(await sent(shown)).toMatchObject({ acl: [] });
  });
});
