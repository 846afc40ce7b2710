import { screen, waitFor, within } from '@testing-library/react';

import {
  aCell,
  aNode,
  aSuggestion,
  aSummary,
  aVariable
} from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { NodeCreate } from '../../../api/schema';
import { button, field, group, openForm, showForm, submit } from './shown-form';

/** What is sent when nothing is changed: outputs are never optional, so that is not said of them. */
const { node } = aSuggestion();
const [total] = node.cell!.outputs;
const PROPOSED = {
  ...node,
  cell: { ...node.cell, outputs: [{ ...total, required: undefined }] }
};

const sent = (server: Server) => server.bodies('POST nodes') as NodeCreate[];

describe('The form of a cell', () => {
  it('says that it is loading, or why it cannot', async () => {
    const server = new Server().refuse('GET zones', 'Still starting.');
    openForm({}, server);
    screen.getByText('Loading…');
    await screen.findByText('Still starting.');
  });

  it('is filled in from the checkpoint, and sent as it is proposed', async () => {
    const { onDone, onTitle, server, user } = await showForm({
      checkpoint: 'c1'
    });
    expect(onTitle.mock.calls).toEqual([['Create node']]);
    expect(field('Name', 'sides').value).toBe('sides');
    await submit(user);
    await waitFor(() => expect(onDone.mock.calls).toEqual([[aNode()]]));
    expect(sent(server)).toEqual([PROPOSED]);
  });

  it('shows what the server warns of', async () => {
    const server = new Server().on(
      'POST checkpoints/c1:suggest',
      aSuggestion({ warnings: ['It prints.'], warnings_info: [null] })
    );
    await showForm({ checkpoint: 'c1' }, server);
    screen.getByText('It prints.');
  });

  it('says why it could not be filled in, and can be by hand', async () => {
    const server = new Server();
    server.refuse('POST checkpoints/c1:suggest', 'There is no checkpoint.');
    await showForm({ checkpoint: 'c1' }, server);
    await screen.findByText('There is no checkpoint.');
    expect(field('Name').value).toBe('');
  });

  it('sends what the user has typed', async () => {
    const { server, user } = await showForm({ checkpoint: 'c1' });
    await fill(user, field('Name'), 'throws');
    await fill(user, field('Description'), 'Two dice');
    await fill(user, field('Requirements'), 'numpy==2.0\n\npandas==3.0');
    await fill(user, field('Extra files'), 'a.csv');
    await user.click(field(/^Request: each request runs/));
    await user.click(field(/^Those of the checkpoint/));
    await fill(user, field('Timeout, seconds'), '2,5');
    await fill(user, field('Workers per instance'), '3');
    await fill(user, field('Requests at a time per worker'), '4');
    await user.click(field(/^Allow NaN/));
    await fill(user, field('Requests that may wait'), '5');
    await fill(user, field('How long one may wait, seconds'), '6');
    await fill(user, field('Memory of a worker, MiB'), '7');
    await fill(user, field('Size of a response, MiB'), '8');
    const traceback = field(/^Show callers the traceback/).checked;
    await user.click(field(/^Show callers the traceback/));
    await user.click(field(/^Run the cell once where/));
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0]).toEqual({
      ...PROPOSED,
      name: 'throws',
      description: 'Two dice',
      cell: {
        ...PROPOSED.cell,
        requirements: ['numpy==2.0', 'pandas==3.0'],
        files: ['a.csv'],
        isolation: 'request',
        random_state: 'checkpoint',
        timeout: 2.5,
        workers: 3,
        concurrency: 4,
        allow_nan: true,
        show_traceback: !traceback,
        smoke_test: false,
        queue: 5,
        queue_timeout: 6,
        memory_limit: 7 * 1024 * 1024,
        response_limit: 8 * 1024 * 1024
      }
    });
  });

  it('sends inputs and outputs as they are declared', async () => {
    const { server, user } = await showForm({ checkpoint: 'c1' });
    await user.click(button('Remove total', 'Output variables'));
    await user.click(button('Add: Output variables'));
    await fill(user, field('Name', 'New variable'), 'table');
    await user.selectOptions(field('Type', 'table'), 'DataFrame');
    await fill(user, field('Description', 'table'), 'All throws');
    await user.click(field('Required', 'sides'));
    await fill(user, field(/^Default/, 'sides'), '6');
    await fill(user, field('JSON Schema', 'sides'), '{"minimum": 2}');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].cell).toMatchObject({
      inputs: [
        {
          name: 'sides',
          type: 'int',
          required: false,
          default: 6,
          schema: { minimum: 2 }
        }
      ],
      outputs: [{ name: 'table', type: 'DataFrame', description: 'All throws' }]
    });
    expect(sent(server)[0].cell!.outputs).toHaveLength(1);
  });

  it('sends an answer of its own type, without the schema of the output', async () => {
    const outputs = [aVariable('page', { schema: { type: 'string' } })];
    const server = new Server().on(
      'POST checkpoints/c1:suggest',
      aSuggestion({}, { cell: aCell({ outputs }) })
    );
    const { user } = await showForm({ checkpoint: 'c1' }, server);
    await user.click(field(/^The text or bytes/));
    await fill(user, field('Content type'), 'text/csv');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    const { response, outputs: declared } = sent(server)[0].cell!;
    expect(response).toEqual({ body: 'page', content_type: 'text/csv' });
    expect(declared[0].schema).toBeNull();
  });

  it('sends the image that the cell is to run in', async () => {
    const { server, user } = await showForm({ checkpoint: 'c1' });
    const image = within(group('Kernel Docker image'));
    await user.click(image.getByLabelText('Custom'));
    await fill(user, image.getByLabelText(/^Image path/), 'python:3.12');
    await fill(user, image.getByLabelText('Username'), 'me');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].cell!.image).toEqual({
      image: 'python:3.12',
      username: 'me',
      password_secret: null
    });
    await user.click(image.getByLabelText('Default'));
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(2));
    expect(sent(server)[1].cell!.image).toBeNull();
  });

  it('is filled in from another checkpoint only when the user wants that', async () => {
    const checkpoints = ['c1', 'c2'].map(id =>
      aSummary({ id, name: `pinned-${id}`, pinned: true })
    );
    const server = new Server().on('GET checkpoints', { checkpoints });
    server.on(
      'POST checkpoints/c2:suggest',
      aSuggestion({}, { name: 'other', cell: aCell({ checkpoint: 'c2' }) })
    );
    const { user } = await showForm({ checkpoint: 'c1' }, server);
    expect(screen.queryByText('Fill in from it')).toBeNull();
    await fill(user, field('Name'), 'mine');
    await user.selectOptions(field('Checkpoint'), 'pinned-c2');
    expect(field('Name').value).toBe('mine');
    await user.click(screen.getByText('Fill in from it'));
    await waitFor(() => expect(field('Name').value).toBe('other'));
    expect(field('Checkpoint').value).toBe('c2');
    expect(screen.queryByText('Fill in from it')).toBeNull();
  });

  it('says that a checkpoint has to be pinned first', async () => {
    const server = new Server().on('GET checkpoints', { checkpoints: [] });
    await showForm({}, server);
    screen.getByText(/^Only pinned checkpoints can become nodes/);
    const [only] = field('Checkpoint').querySelectorAll('option');
    expect(only.textContent).toBe('Choose a pinned checkpoint');
  });

  it('offers a checkpoint that is pinned meanwhile', async () => {
    const server = new Server().on('GET checkpoints', { checkpoints: [] });
    const { user } = await showForm({}, server);
    const checkpoints = [aSummary({ id: 'c2', name: 'new', pinned: true })];
    server.on('GET checkpoints', { checkpoints });
    server.socket.tell('checkpoint', 'changed', 'c2');
    await screen.findByRole('option', { name: 'new' });
    await user.selectOptions(field('Checkpoint'), 'new');
    expect(field('Checkpoint').value).toBe('c2');
    expect(screen.queryByText(/^Only pinned checkpoints/)).toBeNull();
  });

  it('says why the server offers no images and no Docker nodes', async () => {
    const why = 'This backend runs processes. '.repeat(4).trim();
    const server = new Server().on('GET health', {
      docker_nodes: false,
      missing: { docker: 'No Docker.', image: why },
      missing_info: {}
    });
    await showForm({}, server);
    expect(field('Docker').disabled).toBe(true);
    screen.getByText('No Docker.');
    const image = within(group('Kernel Docker image'));
    expect(image.getByLabelText<HTMLInputElement>('Custom').disabled).toBe(
      true
    );
    image.getByText('Not available here: why?');
    image.getByText(why);
  });
});
