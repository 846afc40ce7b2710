import { waitFor, within } from '@testing-library/react';

import { aGroup, aVariable } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { NodeCreate, SliceGroup } from '../../../api/schema';
import { field, group, showForm, submit } from './shown-form';

const SLICE = 'POST checkpoints/c1:slice';

const GROUPS = [
  aGroup(['model', 'weights'], { size: 3_000_000 }),
  aGroup(['sides'], { size: 28 }),
  aGroup(['data'], { size: 5000, carried: false, used: false })
];

/**
 * A form whose checkpoint has these variables.
 */
async function show(groups: SliceGroup[] = GROUPS) {
  const server = new Server().on(SLICE, { groups });
  const result = await showForm({ checkpoint: 'c1' }, server);
  await waitFor(() => expect(server.bodies(SLICE)).toHaveLength(1));
  return result;
}

const part = () => within(group('Variables that go along'));
const box = (name: string) => part().findByLabelText<HTMLInputElement>(name);
const rows = () => part().getAllByRole('listitem', { hidden: true });

/** What of the variables the form sends. */
function sent(server: Server) {
  const [node] = (server.bodies('POST nodes') as NodeCreate[]).slice(-1);
  const { carry, leave_out } = node.cell!;
  return { carry, leave_out };
}

describe('The variables that go along', () => {
  it('are those that the cell can reach, with their sizes', async () => {
    const { server } = await show();
    await box('model, weights');
    expect(rows().map(one => one.textContent)).toEqual([
      'model, weights3.0 MB',
      'sides28 B'
    ]);
    part().getByText('3 variables, 3.0 MB');
    expect(server.bodies(SLICE)).toEqual([
      { inputs: ['sides'], carry: [], leave_out: [] }
    ]);
  });

  it('are asked for again once an input has another name', async () => {
    const { server, user } = await show();
    await fill(user, field('Name', 'sides'), 'corners');
    await waitFor(() => expect(server.bodies(SLICE)).toHaveLength(2));
    expect(server.bodies(SLICE)[1]).toMatchObject({ inputs: ['corners'] });
  });

  it('can be left out and taken back, those that share objects together', async () => {
    const { server, user } = await show();
    await user.click(await box('model, weights'));
    expect(rows()[0].textContent).toContain('stays behind');
    await submit(user);
    await waitFor(() =>
      expect(sent(server)).toEqual({
        carry: [],
        leave_out: ['model', 'weights']
      })
    );
    await user.click(await box('model, weights'));
    await submit(user);
    await waitFor(() =>
      expect(sent(server)).toEqual({ carry: [], leave_out: [] })
    );
  });

  it('become inputs with one click, as the server would declare them', async () => {
    const change = { type: 'float', default: 0.5, strict: false } as const;
    const input = aVariable('threshold', change);
    const { server, user } = await show([
      aGroup(['sides'], { inputs: [aVariable('sides')] }),
      aGroup(['threshold', 'model'], { inputs: [input] })
    ]);
    const make = 'Make it an input: ';
    await user.click(
      await part().findByRole('button', { name: `${make}threshold` })
    );
    expect(part().queryByRole('button', { name: `${make}sides` })).toBeNull();
    expect(
      part().queryByRole('button', { name: `${make}threshold` })
    ).toBeNull();
    await submit(user);
    await waitFor(() => expect(server.bodies('POST nodes')).toHaveLength(1));
    const [node] = server.bodies('POST nodes') as NodeCreate[];
    expect(node.cell!.inputs.map(one => one.name)).toEqual([
      'sides',
      'threshold'
    ]);
    expect(node.cell!.inputs[1]).toEqual(input);
  });

  it('can be others, too', async () => {
    const { server, user } = await show();
    const more = await part().findByLabelText('Add another variable');
    await user.selectOptions(more, 'data (5.0 kB)');
    expect(rows()[2].textContent).toBe('data5.0 kBadded');
    await submit(user);
    await waitFor(() =>
      expect(sent(server)).toEqual({ carry: ['data'], leave_out: [] })
    );
    await waitFor(() =>
      expect(server.bodies(SLICE)[1]).toMatchObject({ carry: ['data'] })
    );
  });

  it('are again what the cell can reach when the user wants that', async () => {
    const { server, user } = await show();
    const reset = 'Only what the cell can reach';
    const sides = await box('sides');
    expect(part().queryByText(reset)).toBeNull();
    await user.click(sides);
    await user.click(part().getByText(reset));
    await submit(user);
    await waitFor(() =>
      expect(sent(server)).toEqual({ carry: [], leave_out: [] })
    );
  });

  it('can stay unknown: the form says why', async () => {
    const server = new Server().refuse(SLICE, 'The checkpoint is damaged.');
    await showForm({ checkpoint: 'c1' }, server);
    await part().findByText('The checkpoint is damaged.');
  });
});
