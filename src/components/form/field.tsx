import * as React from 'react';

import type { FieldErrors } from '../../model/form/errors';
import { useUi } from '../ui';

export const ErrorsContext = React.createContext<FieldErrors>({});

/**
 * What an input needs of its field.
 */
interface IInputProps {
  id: string;
  'aria-invalid'?: boolean;
  'aria-describedby'?: string;
}

/**
 * A labelled input with its hint and its error.
 *
 * @param path - the field's name in the API, by which errors find it
 */
export function Field(props: {
  label: string;
  path: string;
  required?: boolean;
  hint?: string;
  hideLabel?: boolean;
  children: (input: IInputProps) => React.ReactNode;
}): JSX.Element {
  const { trans } = useUi();
  const error = React.useContext(ErrorsContext)[props.path];
  const id = React.useId();
  const notes = [error && `${id}-error`, props.hint && `${id}-hint`];
  return (
    <div className="jp-NodeDeploy-field">
      <label
        htmlFor={id}
        className={props.hideLabel ? 'jp-NodeDeploy-hidden' : undefined}
      >
        {props.label}
        {props.required && (
          <span className="jp-NodeDeploy-required">
            {' '}
            {trans.__('(required)')}
          </span>
        )}
      </label>
      {props.children({
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': notes.filter(Boolean).join(' ') || undefined
      })}
      <Wrong id={`${id}-error`} path={props.path} />
      {props.hint && (
        <p id={`${id}-hint`} className="jp-NodeDeploy-hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}

/**
 * What is wrong with a field, if something is.
 */
export function Wrong(props: { id: string; path: string }): JSX.Element {
  const error = React.useContext(ErrorsContext)[props.path];
  return (
    <>
      {error && (
        <p id={props.id} className="jp-NodeDeploy-error" data-path={props.path}>
          {error}
        </p>
      )}
    </>
  );
}
