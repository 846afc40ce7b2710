import { screen } from '@testing-library/react';
import * as React from 'react';

import { Server } from '../../../__tests__/server';
import { shown } from '../../../__tests__/shown';
import type { NodeAnswer } from '../../../api/schema';
import { Answer } from '../answer';

function show(change: Partial<NodeAnswer> = {}, type = 'application/json') {
  const answer: NodeAnswer = {
    body: '',
    encoding: 'text',
    headers: { 'content-type': type },
    seconds: 0.0123,
    status: 200,
    ...change
  };
  return shown(<Answer answer={answer} />, new Server());
}

/**
 * Shows a refusal in the form that all of ours have.
 */
function refuse(change: { reason?: string; details?: unknown[] } = {}) {
  const body = { code: 3, message: 'It does not fit.', details: [], ...change };
  return show({ status: 400, body: JSON.stringify(body) });
}

describe('Answer', () => {
  it('shows status, time, size and the headers', () => {
    show({
      body: '"é"',
      headers: { 'content-type': 'text/plain', 'x-a': 'b' }
    });
    screen.getByText('200');
    screen.getByText('12 ms');
    screen.getByText('4 B');
    screen.getByText('2 headers');
    const header = screen.getByText('x-a').closest('dt')!;
    expect(header.nextElementSibling!.textContent).toBe('b');
  });

  it('lays out JSON', () => {
    const { container } = show({ body: '{"a":[1]}' });
    const text = container.querySelector('pre')!.textContent;
    expect(text).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  it.each([
    ['text/plain', '{"a":1}'],
    ['application/json', '{"a":']
  ])('shows what is no JSON as it is: %s', (type, body) => {
    const { container } = show({ body }, type);
    expect(container.querySelector('pre')!.textContent).toBe(body);
  });

  it('cuts what is too long to show', () => {
    const { container } = show({ body: 'x'.repeat(300_000) }, 'text/plain');
    expect(container.querySelector('pre')!.textContent).toMatch(/^x{200000}…$/);
    screen.getByText('300 kB');
  });

  it('shows an image', () => {
    show({ body: 'AAAA', encoding: 'base64' }, 'image/png');
    const image = screen.getByRole<HTMLImageElement>('img');
    expect(image.src).toBe('data:image/png;base64,AAAA');
    screen.getByText('3 B');
  });

  it('offers other bytes for download, such as a picture that could run scripts', () => {
    show({ body: 'AA==', encoding: 'base64' }, 'image/svg+xml');
    expect(screen.queryByRole('img')).toBeNull();
    const link = screen.getByRole<HTMLAnchorElement>('link');
    expect(link.href).toBe('data:image/svg+xml;base64,AA==');
    expect(link.hasAttribute('download')).toBe(true);
    screen.getByText('1 B');
  });

  it('shows the message of a refusal, and the field that it is of', () => {
    refuse({
      reason: 'QUEUE_FULL',
      details: [{ path: 'input.sides', message: 'too few' }]
    });
    screen.getByText('It does not fit.');
    expect(screen.getByText('input.sides').parentElement!.textContent).toBe(
      'input.sides: too few'
    );
  });

  it('leaves a message out that the fields say as well', () => {
    refuse({
      reason: 'INPUT_INVALID',
      details: [
        { path: 'input.sides', message: 'too few' },
        { path: 'input.sides', message: 'too odd' }
      ]
    });
    expect(screen.queryByText('It does not fit.')).toBeNull();
    const lines = screen.getAllByText('input.sides');
    expect(lines.map(one => one.parentElement!.textContent)).toEqual([
      'input.sides: too few',
      'input.sides: too odd'
    ]);
  });

  it('shows where a cell raised', async () => {
    refuse({
      details: [
        {
          error_name: 'ZeroDivisionError',
          error_message: 'division by zero',
          traceback: ['Traceback', '  line 1', 'ZeroDivisionError']
        }
      ]
    });
    screen.getByText('It does not fit.');
    await screen.findByText(/Traceback\s+line 1\s+ZeroDivisionError/);
  });

  it('shows an error that has no such form', () => {
    const { container } = show({ status: 500, body: '{"oops":1}' });
    expect(container.querySelector('pre')!.textContent).toBe(
      '{\n  "oops": 1\n}'
    );
  });
});
