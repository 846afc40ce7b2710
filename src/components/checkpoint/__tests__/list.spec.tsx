import { act, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { aCheckpoint, aKept, aSummary, THEN } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { shown, told } from '../../../__tests__/shown';
import { Search } from '../../../model/search';
import { Checkpoints } from '../list';

const PINNED = aSummary({ id: 'c2', name: 'best', pinned: true });

/**
 * The list on a server that has these checkpoints.
 */
function show(checkpoints = [aSummary(), PINNED]) {
  const server = new Server().on('GET checkpoints', { checkpoints });
  const search = new Search();
  const result = shown(<Checkpoints search={search} />, server);
  void result.ui.store.refresh();
  return { ...result, search, server };
}

const rows = () => screen.findAllByRole('listitem');

describe('Checkpoints', () => {
  it('says that it is loading until the server answers', async () => {
    show();
    screen.getByText('Loading…');
    expect(await rows()).toHaveLength(2);
    expect(screen.queryByText('Loading…')).toBeNull();
  });

  it('says how to make one where there is none', async () => {
    show([]);
    await screen.findByText(/^Run a cell with Shift\+Enter/);
  });

  it('says why there are none to be seen', async () => {
    const server = new Server().refuse('GET checkpoints', 'Still starting.');
    const { ui } = shown(<Checkpoints search={new Search()} />, server);
    void ui.store.refresh();
    await screen.findByText('Still starting.');
  });

  it('shows the name, else the first line, and where it comes from', async () => {
    show([aSummary(), PINNED, aSummary({ id: 'c3', first_line: '' })]);
    const [first, second, third] = await rows();
    expect(first.textContent).toMatch(/^total = roll\(sides\)Cell run\[7\]/);
    expect(first.textContent).toContain('dice.ipynb3 hr. ago');
    expect(second.textContent).toMatch(/^besttotal = roll\(sides\)Cell run/);
    expect(third.textContent).toMatch(/^Cell runCell run/);
  });

  it.each(['Forced', 'Rollback'] as const)(
    'calls one of no cell by what made it: %s',
    async operation => {
      show([aSummary({ operation, first_line: '', execution_count: null })]);
      const [row] = await rows();
      expect(row.textContent).toMatch(RegExp(`^${operation}${operation}dice`));
    }
  );

  it('marks one whose cell raised', async () => {
    show([aSummary({ status: 'error' }), PINNED]);
    const [raised, fine] = await rows();
    within(raised).getByText('raised');
    expect(within(fine).queryByText('raised')).toBeNull();
  });

  it('leaves those that the search matches', async () => {
    const { search } = show();
    await rows();
    act(() => void (search.text = 'BEST roll'));
    expect(await rows()).toHaveLength(1);
    screen.getByText('best');
    act(() => void (search.text = 'nothing'));
    screen.getByText('No checkpoint matches the search.');
  });

  it('opens the one that is clicked', async () => {
    const { ui, user } = show();
    await user.click(await screen.findByText('best'));
    expect(ui.openCheckpoint.mock.calls).toEqual([['c2']]);
  });

  it('goes through the rows with the arrow keys', async () => {
    const { user } = show();
    const [first, second] = await rows();
    const opens = (row: HTMLElement) => within(row).getAllByRole('button')[0];
    opens(first).focus();
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(opens(second));
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(opens(second));
    await user.keyboard('{ArrowUp}');
    expect(document.activeElement).toBe(opens(first));
  });

  it('pins one under the name that the user gives', async () => {
    const { server, user } = show();
    server.on('POST checkpoints/c1:pin', aCheckpoint({ pinned: true }));
    await user.click(await screen.findByRole('button', { name: 'Pin' }));
    const dialog = within(await screen.findByRole('dialog'));
    const name = dialog.getByLabelText<HTMLInputElement>('Name');
    expect(name.value).toBe('dice-checkpoint');
    await user.clear(name);
    await user.type(name, 'worst');
    await user.click(dialog.getByRole('button', { name: 'Pin' }));
    await waitFor(() => expect(told()).toEqual(['Pinned as worst.']));
    expect(server.changes).toEqual([
      { request: 'POST checkpoints/c1:pin', body: { name: 'worst' } }
    ]);
  });

  it('proposes a name that no other has', async () => {
    const { user } = show([aSummary(), { ...PINNED, name: 'dice-checkpoint' }]);
    await user.click(await screen.findByRole('button', { name: 'Pin' }));
    const name = await screen.findByLabelText<HTMLInputElement>('Name');
    expect(name.value).toBe('dice-checkpoint-2');
  });

  it('pins nothing when the user thinks better of it', async () => {
    const { server, user } = show();
    await user.click(await screen.findByRole('button', { name: 'Pin' }));
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(server.changes).toEqual([]);
  });

  it('unpins one', async () => {
    const { server, user } = show();
    server.on('POST checkpoints/c2:unpin', aCheckpoint());
    const unpin = { name: 'Pinned as best. Unpin', pressed: true };
    await user.click(await screen.findByRole('button', unpin));
    await waitFor(() => expect(told()).toHaveLength(1));
    expect(server.changes).toEqual([
      { request: 'POST checkpoints/c2:unpin', body: undefined }
    ]);
  });

  it('tells why one stays pinned', async () => {
    const { server, user } = show();
    server.refuse('POST checkpoints/c2:unpin', 'A node is made from it.');
    await user.click(await screen.findByRole('button', { name: /Unpin/ }));
    await waitFor(() => expect(told()).toEqual(['A node is made from it.']));
  });

  it('shows a checkpoint as soon as it is made', async () => {
    const { server } = show([]);
    await screen.findByText(/^Run a cell/);
    server.on('GET checkpoints', { checkpoints: [aSummary()] });
    server.socket.tell('checkpoint', 'created', 'c1');
    expect(await rows()).toHaveLength(1);
  });
});

describe('what is kept', () => {
  const kept = aKept({ count: 137, pinned: 2, size: 45_000_000 });

  it('is said below the list', async () => {
    const { server, ui } = show();
    server.on('GET checkpoints', { checkpoints: [aSummary()], kept });
    await act(() => ui.store.refresh());
    await screen.findByText('137 kept, 2 of them pinned; 45 MB');
    expect(screen.queryByText(/went at/)).toBeNull();
  });

  it.each([
    ['budget', /^One went at .*checkpoint_budget/],
    ['number', /^One went at .*keep_checkpoints/]
  ] as const)('says why one went: %s', async (reason, words) => {
    const { server, ui } = show();
    const last_gone = { reason, created_at: THEN, gone_at: THEN };
    const full = { checkpoints: [aSummary()], kept: { ...kept, last_gone } };
    server.on('GET checkpoints', full);
    await act(() => ui.store.refresh());
    await screen.findByText(words);
  });

  it('is listed whole when the user wants that', async () => {
    const { server, ui, user } = show();
    const all = ['c1', 'c2', 'c3'].map(id => aSummary({ id }));
    server.on('GET checkpoints', ({ query }) => ({
      checkpoints: query.get('limit') === '100' ? all.slice(0, 2) : all,
      kept: { ...kept, count: 3 }
    }));
    await act(() => ui.store.refresh());
    expect(await rows()).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'Show all 3' }));
    await waitFor(async () => expect(await rows()).toHaveLength(3));
    expect(screen.queryByRole('button', { name: /Show all/ })).toBeNull();
  });
});
