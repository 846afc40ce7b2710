import { screen, waitFor, within } from '@testing-library/react';

import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import { button, field, group, showForm, submit } from './shown-form';

const INVALID = 3;

/**
 * A form that the server refuses because of these fields.
 */
async function refused(
  details: { path: string; message: string }[],
  code = INVALID
) {
  const result = await showForm({ checkpoint: 'c1' });
  result.server.refuse('POST nodes', 'Not like this.', { code, details });
  await submit(result.user);
  await within(screen.getByRole('alert')).findByText(/./, { selector: 'p' });
  return result;
}

/** What stands beside the button at the end of the form. */
const atTheEnd = () => screen.getByRole('alert').textContent;

/** What a field says of itself, besides its label. */
function notes(input: HTMLElement): string[] {
  const ids = input.getAttribute('aria-describedby')?.split(' ') ?? [];
  return ids.map(id => document.getElementById(id)!.textContent!);
}

describe('A refused form', () => {
  it('says at the field what is wrong, and takes the user there', async () => {
    const { onDone, server } = await refused([
      { path: 'name', message: 'Taken.' }
    ]);
    const name = field('Name');
    expect(name.getAttribute('aria-invalid')).toBe('true');
    expect(notes(name)[0]).toBe('Taken.');
    await waitFor(() => expect(document.activeElement).toBe(name));
    expect(atTheEnd()).toBe('Some fields need another look. Name');
    expect(onDone).not.toHaveBeenCalled();
    expect(server.bodies('POST nodes')).toHaveLength(1);
  });

  it('is sent again once that is mended, and forgets what was wrong', async () => {
    const { onDone, server, user } = await refused([
      { path: 'name', message: 'Taken.' }
    ]);
    server.on('POST nodes', { id: 'n1' });
    await fill(user, field('Name'), 'free');
    await submit(user);
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(server.bodies('POST nodes')[1]).toMatchObject({ name: 'free' });
    expect(field('Name').getAttribute('aria-invalid')).toBeNull();
    expect(atTheEnd()).toBe('');
  });

  it('unfolds the part that the field is in', async () => {
    const fold = () => group('Limits') as HTMLDetailsElement;
    await refused([{ path: 'cell.queue', message: 'Too long.' }]);
    expect(fold().open).toBe(true);
    expect(notes(field('Requests that may wait'))[0]).toBe('Too long.');
    expect((group('Provisioning') as HTMLDetailsElement).open).toBe(false);
  });

  it('finds the field of a row, and the details behind it', async () => {
    await refused([{ path: 'cell.inputs[0].schema', message: 'No schema.' }]);
    const schema = field('JSON Schema', 'sides');
    expect(notes(schema)[0]).toBe('No schema.');
    expect(schema.closest('details')!.open).toBe(true);
    expect(notes(field('JSON Schema', 'total'))).toEqual([]);
  });

  it.each([
    ['cell.outputs', 'Output variables'],
    ['cell.env', 'Environment variables'],
    ['cell.isolation', 'Isolation'],
    ['cell.checkpoint', 'Checkpoint']
  ])('leads from its end to a part: %s', async (path, label) => {
    const { user } = await refused([{ path, message: 'Not so.' }]);
    screen.getByText('Not so.');
    await user.click(within(screen.getByRole('alert')).getByText(label));
    const reached = document.activeElement!;
    expect(reached.closest('details:not([open])')).toBeNull();
    expect(
      reached.closest('section, fieldset, form > div')!.textContent
    ).toContain('Not so.');
  });

  it('unfolds what the user has folded again on the way to the field', async () => {
    const { user } = await refused([
      { path: 'provisioning.instances', message: 'Too many.' }
    ]);
    const fold = group('Provisioning') as HTMLDetailsElement;
    fold.open = false;
    await user.click(within(screen.getByRole('alert')).getByText('Instances'));
    expect(fold.open).toBe(true);
    expect(document.activeElement).toBe(field('Instances'));
  });

  it('says at its end what concerns a field that it does not have', async () => {
    await refused([{ path: 'acl.0', message: 'no folder f9' }]);
    expect(atTheEnd()).toBe('acl.0: no folder f9');
  });

  it('says at its end what concerns no field', async () => {
    await refused([], 9);
    expect(atTheEnd()).toBe('Not like this.');
  });

  it('says the message as well when the fields are not all there is', async () => {
    await refused([{ path: 'name', message: 'Taken.' }], 6);
    expect(notes(field('Name'))[0]).toBe('Taken.');
    await waitFor(() =>
      expect(atTheEnd()).toBe(
        'Not like this.Some fields need another look. Name'
      )
    );
  });

  it('says that the server is not there', async () => {
    const server = new Server();
    const { user } = await showForm({ checkpoint: 'c1' }, server);
    server.on('POST nodes', () => {
      throw new TypeError('Failed to fetch');
    });
    await submit(user);
    await waitFor(() => expect(atTheEnd()).toContain('Failed to fetch'));
  });
});

describe('What cannot even be sent', () => {
  it('is told field by field: what is required', async () => {
    const { server, user } = await showForm();
    await submit(user);
    for (const label of ['Name', 'Checkpoint']) {
      expect(notes(field(label))[0]).toBe('Required');
    }
    within(group('Output variables')).getByText(/^Add at least one/);
    await waitFor(() => expect(document.activeElement).toBe(field('Name')));
    expect(server.changes).toEqual([]);
  });

  it.each([
    ['Name', 'Nein!', /^Use lower-case letters/],
    ['Timeout, seconds', 'long', 'Enter a number'],
    ['Requests that may wait', '', 'Enter a number'],
    ['Memory of a worker, MiB', 'much', 'Enter a number']
  ])('is told at the field %s: %s', async (label, typed, words) => {
    const { server, user } = await showForm({ checkpoint: 'c1' });
    await fill(user, field(label), typed);
    await submit(user);
    expect(notes(field(label))[0]).toMatch(words);
    expect(server.changes).toEqual([]);
  });

  it('is told of a variable', async () => {
    const { server, user } = await showForm({ checkpoint: 'c1' });
    await fill(user, field(/^Default/, 'sides'), '{');
    await fill(user, field('Name', 'total'), '2b');
    await submit(user);
    expect(notes(field(/^Default/, 'sides'))[0]).toMatch(/^Not JSON: /);
    expect(notes(field('Name', '2b'))[0]).toMatch(/^Not a name/);
    expect(server.changes).toEqual([]);
  });

  it('is told of a Docker image', async () => {
    const { server, user } = await showForm();
    await user.click(field('Docker'));
    await user.selectOptions(field('Type', 'Telemetry'), 'Prometheus');
    await submit(user);
    expect(notes(field('Image path'))[0]).toBe('Required');
    expect(notes(field('Port', 'Endpoint'))[0]).toBe('Enter a number');
    expect(notes(field('Port', 'Telemetry'))[0]).toBe('Enter a number');
    expect(server.changes).toEqual([]);
  });

  it('is told of an answer that is to be more than one output', async () => {
    const { user } = await showForm({ checkpoint: 'c1' });
    await user.click(button('Add: Output variables'));
    await fill(user, field('Name', 'New variable'), 'other');
    await user.click(field(/^The text or bytes/));
    await submit(user);
    within(group('Response')).getByText(/^Only with a single output/);
  });
});
