import { screen, within } from '@testing-library/react';
import * as React from 'react';

import { aNode } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { shown } from '../../../__tests__/shown';
import { NodeForm } from '../form';

type IFormProps = React.ComponentProps<typeof NodeForm>;

type Given = Pick<Partial<IFormProps>, 'checkpoint' | 'node' | 'kept'>;

/**
 * The node form, which first has to ask the server.
 */
export function openForm(props: Given = {}, server = new Server()) {
  server.on('POST nodes', aNode());
  const calls = { onChange: jest.fn(), onTitle: jest.fn(), onDone: jest.fn() };
  const form = <NodeForm kept={null} {...props} {...calls} />;
  return { ...shown(form, server), ...calls, server };
}

/**
 * The node form, ready to be filled in: empty, or as it is said.
 */
export async function showForm(props?: Given, server?: Server) {
  const result = openForm(props, server);
  await screen.findByRole('form', { name: 'Node' });
  return result;
}

type User = Awaited<ReturnType<typeof showForm>>['user'];

/**
 * The field of a label, in the part or the row of this name; without one, that of no row.
 */
export function field(label: string | RegExp, where?: string) {
  const found = within(where ? group(where) : document.body)
    .getAllByLabelText<HTMLInputElement>(
      typeof label === 'string' ? RegExp(`^${label}( \\(required\\))?$`) : label
    )
    .filter(one => where || !one.closest('[role=group]'));
  if (found.length !== 1) {
    throw new Error(`${found.length} fields of the form are called ${label}`);
  }
  return found[0];
}

/**
 * A part of the form, or a row in one.
 */
export function group(name: string): HTMLElement {
  const named = (one: HTMLElement) => {
    const id = one.getAttribute('aria-labelledby');
    const label = id ? document.getElementById(id)!.textContent : null;
    const legend = one.querySelector(':scope > legend')?.textContent;
    return (label ?? legend ?? one.getAttribute('aria-label')) === name;
  };
  const found = [
    ...document.querySelectorAll<HTMLElement>(
      'section, details, fieldset, [role=group]'
    )
  ].filter(named);
  if (found.length !== 1) {
    throw new Error(`${found.length} parts of the form are called ${name}`);
  }
  return found[0];
}

export function button(name: string, where?: string): HTMLButtonElement {
  const all = where ? within(group(where)) : screen;
  return all.getByRole('button', { name });
}

/**
 * Presses "Create" or "Save".
 */
export async function submit(user: User, name = 'Create'): Promise<void> {
  await user.click(screen.getByText(name, { selector: 'button' }));
}
