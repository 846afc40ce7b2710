import { screen, waitFor, within } from '@testing-library/react';

import { aNode, anInstance } from '../../../__tests__/answers';
import { downloads } from '../../../__tests__/browser';
import { LogStream } from '../../../__tests__/log-stream';
import { Server } from '../../../__tests__/server';
import type { Node } from '../../../api/schema';
import { showPage } from './shown-page';

const LINES = [
  '{"time": "2026-01-02T03:04:05.678Z", "event": "request", "status": 200}',
  'Loading the model',
  'Ready'
];

/**
 * The tab of a node that has logged this much.
 */
async function show(logged = LINES) {
  const stream = new LogStream();
  const server = new Server().on('GET nodes/n1/logs', stream.answer);
  const result = await showPage({}, 'Logs', server);
  await waitFor(() => expect(stream.opened).toBe(1));
  logged.forEach(line => stream.write(`${line}\n`));
  if (logged.length) {
    await screen.findByText(/Ready/);
  }
  return { ...result, stream };
}

const log = () => screen.getByRole('log').textContent;

function textOf(blob: Blob): Promise<unknown> {
  return new Promise(resolve => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsText(blob);
  });
}

describe('Log', () => {
  it('says that there is nothing yet', async () => {
    await show([]);
    expect(log()).toBe('Nothing was logged yet.');
    const name = { name: 'Download' };
    const download = screen.getByRole<HTMLButtonElement>('button', name);
    expect(download.disabled).toBe(true);
  });

  it('shows lines as they come, structured ones as people read them', async () => {
    const { stream } = await show();
    expect(log()).toBe(
      '03:04:05.678 request status=200\nLoading the model\nReady'
    );
    stream.write('half a li');
    stream.write('ne\n');
    await waitFor(() => expect(log()).toMatch(/Ready\nhalf a line$/));
  });

  it('shows a last line that has no end', async () => {
    const { stream } = await show();
    stream.write('Killed');
    stream.end();
    await waitFor(() => expect(log()).toMatch(/Ready\nKilled$/));
  });

  it('shows the lines that are searched for', async () => {
    const { user } = await show();
    const search = screen.getByRole('searchbox', { name: 'Search the log' });
    await user.type(search, 'MODEL');
    expect(log()).toBe('Loading the model');
    await user.type(search, 's');
    expect(log()).toBe('No line matches the search.');
  });

  it('is downloaded whole and as it was logged', async () => {
    const { user } = await show();
    await user.type(screen.getByRole('searchbox'), 'model');
    await user.click(screen.getByRole('button', { name: 'Download' }));
    expect(await textOf(downloads.get('dice.log')!)).toBe(
      LINES.join('\n') + '\n'
    );
  });

  it('stays at its end until the user wants to read', async () => {
    const { stream, user } = await show();
    const shown = screen.getByRole('log');
    Object.defineProperty(shown, 'scrollHeight', { value: 500 });
    stream.write('more\n');
    await screen.findByText(/more/);
    expect(shown.scrollTop).toBe(500);
    await user.click(screen.getByRole('checkbox', { name: 'Follow' }));
    shown.scrollTop = 20;
    stream.write('even more\n');
    await screen.findByText(/even more/);
    expect(shown.scrollTop).toBe(20);
  });

  it('says why it cannot be had', async () => {
    const server = new Server().refuse('GET nodes/n1/logs', 'No log is kept.');
    await showPage({}, 'Logs', server);
    await screen.findByText('No log is kept.');
  });

  it('goes on with that of new instances', async () => {
    const { server, stream } = await show();
    const instances = [anInstance({ id: 'i2' })];
    server.on('GET nodes/n1', aNode({ instances }));
    server.socket.tell('node', 'changed', 'n1');
    await waitFor(() => expect(stream.opened).toBe(2));
    expect(stream.aborted).toBe(1);
    stream.write('A new life\n');
    await waitFor(() => expect(log()).toBe('A new life'));
  });

  it('is no longer read once another tab is shown', async () => {
    const { stream, user } = await show();
    await user.click(screen.getByRole('tab', { name: 'Overview' }));
    await waitFor(() => expect(stream.aborted).toBe(1));
  });
});

describe('Progress', () => {
  const rising: Partial<Node> = {
    status: 'PREPARING',
    instances: [anInstance({ status: 'PREPARING' })]
  };
  const steps = () =>
    within(screen.getByRole('tabpanel').parentElement!)
      .getAllByRole('listitem')
      .map(one => one.textContent);

  it('tells how far the node is', async () => {
    await showPage(rising);
    expect(steps()).toEqual([
      '✓Building the environment: done',
      '✓Starting: done',
      'Health check: under way'
    ]);
    const bar = screen.getByRole<HTMLProgressElement>('progressbar', {
      name: 'Start of the node'
    });
    expect([bar.value, bar.max]).toEqual([2, 3]);
  });

  it('tells where a Docker image has failed', async () => {
    const instances = [anInstance({ status: 'CREATED', started_at: null })];
    await showPage({ type: 'docker', status: 'FAILED', instances });
    expect(steps()).toEqual([
      '!Pulling the image: failed',
      'Starting: to come',
      'Health check: to come'
    ]);
  });

  it('shows the last lines of the log, and leads to all', async () => {
    const stream = new LogStream();
    const server = new Server().on('GET nodes/n1/logs', stream.answer);
    const { user } = await showPage(rising, 'Overview', server);
    await waitFor(() => expect(stream.opened).toBe(1));
    stream.write([1, 2, 3, 4, 5, 6, 7].map(one => `line ${one}\n`).join(''));
    const last = await screen.findByLabelText('The last log lines');
    expect(last.textContent).toMatch(/^line 2\n[^]*line 7$/);
    await user.click(screen.getByRole('button', { name: 'Show all' }));
    screen.getByRole('tabpanel', { name: 'Logs' });
  });

  it('goes once the node is up', async () => {
    const { server } = await showPage(rising);
    screen.getByRole('progressbar');
    server.on('GET nodes/n1', aNode());
    server.socket.tell('node', 'changed', 'n1');
    await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
  });
});
