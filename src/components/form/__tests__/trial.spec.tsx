import { screen, waitFor, within } from '@testing-library/react';

import { aSuggestion } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { DryRun } from '../../../api/schema';
import { button, field, group, showForm } from './shown-form';

const VALIDATE = 'POST nodes:validate';

const RUN: DryRun = {
  error: null,
  isolation: null,
  ok: true,
  output: { total: 4 },
  seconds: 1.234,
  stdout: '',
  touched: null,
  verification: null,
  warnings: [],
  warnings_info: []
};

/**
 * A filled-in form, on a server on which the cell runs like this.
 */
async function show(change: Partial<DryRun> = {}) {
  const server = new Server().on(VALIDATE, { ...RUN, ...change });
  return showForm({ checkpoint: 'c1' }, server);
}

const part = () => within(group('Test'));
const example = () => field(/^Example input/);

describe('The test of a cell', () => {
  it('runs it as the form is, with the example, and creates nothing', async () => {
    const { server, user } = await show();
    expect(JSON.parse(example().value)).toEqual({ sides: 6 });
    await fill(user, example(), '{"sides": 20}');
    await fill(user, field('Name'), 'mine');
    await user.click(button('Test'));
    await part().findByText('It works: the cell ran in 1.23 s.');
    expect(part().getByText(/"total": 4/).tagName).toBe('PRE');
    expect(part().queryByText('Printed')).toBeNull();
    const { cell, ...node } = aSuggestion().node;
    expect(server.changes).toEqual([
      {
        request: VALIDATE,
        body: {
          node: { ...node, name: 'mine', cell: expect.anything() },
          input: { sides: 20 }
        }
      }
    ]);
    expect(server.changes[0].body).toHaveProperty(
      'node.cell.checkpoint',
      cell!.checkpoint
    );
  });

  it('has an empty input where none is typed', async () => {
    const { server, user } = await show({ seconds: 0.001 });
    await user.clear(example());
    await user.click(button('Test'));
    await part().findByText('It works: the cell ran in < 0.01 s.');
    expect(server.changes[0].body).toHaveProperty('input', {});
  });

  it('shows what the cell printed, and where it raised', async () => {
    const { user } = await show({
      ok: false,
      output: null,
      stdout: 'rolling',
      error: { error_name: 'ValueError', error_message: 'no such die' }
    });
    await user.click(button('Test'));
    await part().findByText(/^The cell did not give/);
    await part().findByText('rolling');
    await part().findByText('ValueError: no such die');
    expect(part().queryByText('Response')).toBeNull();
  });

  it('says what the node has otherwise than the notebook', async () => {
    const { user } = await show({
      warnings: ["'signal.rate' does not come back."],
      warnings_info: [null]
    });
    await user.click(button('Test'));
    await part().findByText("'signal.rate' does not come back.");
    expect(part().getByText(/^It works/)).toBeTruthy();
  });

  it('offers to take along or to mount what the cell reads', async () => {
    const info = (reason: string, files: string[]) => ({
      reason,
      template: '',
      metadata: { files, first: files[0] }
    });
    const { server, user } = await show({
      warnings: ['Left behind.', 'Outside.', 'Another.'],
      warnings_info: [
        info('FILES_LEFT_BEHIND', ['rates.csv']),
        info('FILES_OUTSIDE', ['/data/a.csv', '/data/b.csv']),
        null
      ]
    });
    await user.click(button('Test'));
    await user.click(await part().findByText('Take rates.csv along'));
    await user.click(part().getByText('Mount /data/b.csv'));
    await user.click(button('Test'));
    await part().findByText('Mount /data/a.csv');
    expect(server.changes[1].body).toHaveProperty(
      'node.cell.files',
      expect.arrayContaining(['rates.csv'])
    );
    expect(server.changes[1].body).toHaveProperty('node.cell.mounts', [
      { source: '/data/b.csv', target: '/data/b.csv', read_only: true }
    ]);
  });

  it('runs nothing while the form has errors, and shows them', async () => {
    const { server, user } = await show();
    await user.clear(field('Name'));
    await user.click(button('Test'));
    await waitFor(() => expect(document.activeElement).toBe(field('Name')));
    expect(field('Name').getAttribute('aria-invalid')).toBe('true');
    expect(server.changes).toEqual([]);
  });

  it('runs nothing with an input that is not JSON', async () => {
    const { server, user } = await show();
    await fill(user, example(), '{');
    await user.click(button('Test'));
    await part().findByText(/JSON/, { selector: 'p' });
    expect(server.changes).toEqual([]);
  });

  it('shows a refusal at its field alone', async () => {
    const { server, user } = await show();
    const details = [{ path: 'cell.requirements.0', message: 'Not exact.' }];
    server.refuse(VALIDATE, 'Invalid.', { code: 3, details });
    await user.click(button('Test'));
    await waitFor(() =>
      expect(screen.getByRole('alert').textContent).toContain('Not exact.')
    );
    expect(screen.queryByText('Invalid.')).toBeNull();
  });

  it('shows a refusal that is of no field', async () => {
    const { server, user } = await show();
    server.refuse(VALIDATE, 'The checkpoint is gone.');
    await user.click(button('Test'));
    await part().findByText('The checkpoint is gone.');
  });
});
