import * as React from 'react';

import { ErrorsContext, Field, Wrong } from './field';

interface ICommon {
  label: string;
  path: string;
  required?: boolean;
  hint?: string;
  hideLabel?: boolean;
}

/**
 * A line of text.
 */
export function Text(
  props: ICommon & {
    value: string;
    onChange: (value: string) => void;
    numeric?: boolean;
    code?: boolean;
    placeholder?: string;
  }
): JSX.Element {
  return (
    <Field {...props}>
      {input => (
        <input
          {...input}
          className={`jp-NodeDeploy-input${props.code ? ' jp-mod-code' : ''}`}
          type="text"
          inputMode={props.numeric ? 'decimal' : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={props.placeholder}
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/**
 * Several lines of text.
 */
export function Lines(
  props: ICommon & {
    value: string;
    onChange: (value: string) => void;
    rows?: number;
    code?: boolean;
  }
): JSX.Element {
  return (
    <Field {...props}>
      {input => (
        <textarea
          {...input}
          className={`jp-NodeDeploy-input${props.code ? ' jp-mod-code' : ''}`}
          rows={props.rows ?? 3}
          spellCheck={!props.code}
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/**
 * A choice of one.
 */
export function Select<V extends string>(
  props: ICommon & {
    value: V;
    onChange: (value: V) => void;
    options: readonly (readonly [value: V, label: string])[];
  }
): JSX.Element {
  return (
    <Field {...props}>
      {input => (
        <select
          {...input}
          className="jp-NodeDeploy-input"
          value={props.value}
          onChange={event => props.onChange(event.target.value as V)}
        >
          {props.options.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/**
 * A yes or no; where it can't be chosen, why.
 */
export function Check(props: {
  label: React.ReactNode;
  path?: string;
  value: boolean;
  onChange: (value: boolean) => void;
  unavailable?: string;
}): JSX.Element {
  const error = React.useContext(ErrorsContext)[props.path ?? ''];
  const id = React.useId();
  return (
    <div>
      <label className="jp-NodeDeploy-check">
        <input
          type="checkbox"
          checked={props.value}
          disabled={Boolean(props.unavailable)}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? id : undefined}
          onChange={event => props.onChange(event.target.checked)}
        />
        <span>
          {props.label}
          {props.unavailable && (
            <span className="jp-NodeDeploy-hint"> {props.unavailable}</span>
          )}
        </span>
      </label>
      {props.path && <Wrong id={id} path={props.path} />}
    </div>
  );
}

/**
 * A choice of one of few, all to be seen; what can't be chosen says why.
 */
export function Radios<V extends string>(props: {
  legend: string;
  path?: string;
  value: V;
  onChange: (value: V) => void;
  options: { value: V; label: string; unavailable?: string }[];
}): JSX.Element {
  const error = React.useContext(ErrorsContext)[props.path ?? ''];
  const name = React.useId();
  return (
    <fieldset className="jp-NodeDeploy-radios">
      <legend>{props.legend}</legend>
      {props.options.map(one => (
        <label key={one.value} className="jp-NodeDeploy-check">
          <input
            type="radio"
            name={name}
            checked={props.value === one.value}
            disabled={Boolean(one.unavailable)}
            aria-describedby={error ? `${name}-error` : undefined}
            onChange={() => props.onChange(one.value)}
          />
          <span>
            {one.label}
            {one.unavailable && (
              <span className="jp-NodeDeploy-hint"> {one.unavailable}</span>
            )}
          </span>
        </label>
      ))}
      {props.path && <Wrong id={`${name}-error`} path={props.path} />}
    </fieldset>
  );
}
