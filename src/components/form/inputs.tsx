import * as React from 'react';

import { useUi } from '../ui';
import { ErrorsContext, Field, Wrong } from './field';

const SHORT = 80; // characters

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
      <Choice
        type="checkbox"
        label={props.label}
        checked={props.value}
        unavailable={props.unavailable}
        error={error ? id : undefined}
        onChange={props.onChange}
      />
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
        <Choice
          key={one.value}
          type="radio"
          name={name}
          label={one.label}
          checked={props.value === one.value}
          unavailable={one.unavailable}
          error={error ? `${name}-error` : undefined}
          onChange={() => props.onChange(one.value)}
        />
      ))}
      {props.path && <Wrong id={`${name}-error`} path={props.path} />}
    </fieldset>
  );
}

/**
 * A box to tick, or a button of several; why it can't be chosen stands beside it, a long story folded.
 *
 * @param error - id of what is wrong with it
 */
function Choice(props: {
  type: 'checkbox' | 'radio';
  name?: string;
  label: React.ReactNode;
  checked: boolean;
  unavailable?: string;
  error?: string;
  onChange: (checked: boolean) => void;
}): JSX.Element {
  const { trans } = useUi();
  const { error, type, unavailable = '' } = props;
  const id = React.useId();
  return (
    <div className="jp-NodeDeploy-check">
      <label>
        <input
          type={type}
          name={props.name}
          checked={props.checked}
          disabled={Boolean(unavailable)}
          aria-invalid={error && type === 'checkbox' ? true : undefined}
          aria-describedby={error ?? (unavailable ? id : undefined)}
          onChange={event => props.onChange(event.target.checked)}
        />
        {props.label}
      </label>
      {unavailable.length > SHORT ? (
        <details className="jp-NodeDeploy-hint">
          <summary>{trans.__('Not available here: why?')}</summary>
          <span id={id}>{unavailable}</span>
        </details>
      ) : (
        unavailable && (
          <span id={id} className="jp-NodeDeploy-hint">
            {unavailable}
          </span>
        )
      )}
    </div>
  );
}
