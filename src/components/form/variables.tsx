import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { VariableType } from '../../api/schema';
import type { IVariableDraft } from '../../model/draft';
import { emptyVariable } from '../../model/draft';
import { useUi } from '../ui';
import { ErrorsContext } from './field';
import { Check, Lines, Select, Text } from './inputs';

const TYPES: VariableType[] = [
  'dict',
  'list',
  'str',
  'int',
  'float',
  'bool',
  'bytes',
  'ndarray',
  'DataFrame',
  'Series',
  'datetime',
  'any'
];

/**
 * The declared inputs or outputs: a row each.
 */
export function Variables(props: {
  kind: 'inputs' | 'outputs';
  value: IVariableDraft[];
  onChange: (value: IVariableDraft[]) => void;
}): JSX.Element {
  const { trans } = useUi();
  const { kind, value, onChange } = props;
  const title =
    kind === 'inputs'
      ? trans.__('Input variables')
      : trans.__('Output variables');
  const error = React.useContext(ErrorsContext)[`cell.${kind}`];
  const id = React.useId();
  return (
    <section className="jp-NodeDeploy-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {value.map((one, index) => (
        <Row
          key={one.key}
          kind={kind}
          index={index}
          value={one}
          onChange={changed =>
            onChange(value.map(old => (old === one ? changed : old)))
          }
          onRemove={() => onChange(value.filter(old => old !== one))}
        />
      ))}
      {error && <p className="jp-NodeDeploy-error">{error}</p>}
      <button
        type="button"
        className="jp-NodeDeploy-button"
        aria-label={trans.__('Add: %1', title)}
        onClick={() => onChange([...value, emptyVariable()])}
      >
        <addIcon.react tag="span" /> {trans.__('Add')}
      </button>
    </section>
  );
}

function Row(props: {
  kind: 'inputs' | 'outputs';
  index: number;
  value: IVariableDraft;
  onChange: (value: IVariableDraft) => void;
  onRemove: () => void;
}): JSX.Element {
  const { trans } = useUi();
  const { kind, value } = props;
  const path = `cell.${kind}.${props.index}`;
  const set = (change: Partial<IVariableDraft>) =>
    props.onChange({ ...value, ...change });
  const removeLabel = trans.__('Remove %1', value.name);
  return (
    <div
      className="jp-NodeDeploy-variable"
      role="group"
      aria-label={value.name || trans.__('New variable')}
    >
      <Text
        label={trans.__('Name')}
        path={`${path}.name`}
        code
        value={value.name}
        onChange={name => set({ name })}
      />
      <Select
        label={trans.__('Type')}
        path={`${path}.type`}
        value={value.type}
        onChange={type => set({ type: type as VariableType })}
        options={TYPES.map(type => [type, type])}
      />
      {kind === 'inputs' && (
        <>
          <Text
            label={trans.__('Default (JSON)')}
            path={`${path}.default`}
            code
            placeholder={trans.__('none')}
            value={value.default}
            onChange={text => set({ default: text })}
          />
          <Check
            label={trans.__('Required')}
            value={value.required}
            onChange={required => set({ required })}
          />
        </>
      )}
      <button
        type="button"
        className="jp-NodeDeploy-icon"
        aria-label={removeLabel}
        title={removeLabel}
        onClick={props.onRemove}
      >
        <closeIcon.react tag="span" />
      </button>
      <Details path={path} value={value} set={set} />
    </div>
  );
}

function Details(props: {
  path: string;
  value: IVariableDraft;
  set: (change: Partial<IVariableDraft>) => void;
}): JSX.Element {
  const { trans } = useUi();
  const { path, value, set } = props;
  const wrong = React.useContext(ErrorsContext)[`${path}.schema`];
  const [open, setOpen] = React.useState(false);
  React.useEffect(() => {
    if (wrong) {
      setOpen(true);
    }
  }, [wrong]);
  return (
    <details
      className="jp-NodeDeploy-details"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{trans.__('Details')}</summary>
      <Text
        label={trans.__('Description')}
        path={`${path}.description`}
        value={value.description}
        onChange={description => set({ description })}
      />
      <Lines
        label={trans.__('JSON Schema')}
        path={`${path}.schema`}
        code
        rows={Math.min(12, Math.max(3, value.schema.split('\n').length))}
        value={value.schema}
        onChange={schema => set({ schema })}
      />
    </details>
  );
}
