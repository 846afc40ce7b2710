import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { VariableType } from '../../api/schema';
import type { IVariableDraft } from '../../model/form/variable';
import { emptyVariable } from '../../model/form/variable';
import { useUi } from '../ui';
import { bound } from './bound';
import { Wrong } from './field';
import { More } from './fold';
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
      <Wrong id={`${id}-error`} path={`cell.${kind}`} />
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
  const field = bound(
    value,
    change => props.onChange({ ...value, ...change }),
    path
  );
  const removeLabel = trans.__('Remove %1', value.name);
  return (
    <div
      className="jp-NodeDeploy-variable"
      role="group"
      aria-label={value.name || trans.__('New variable')}
    >
      <Text {...field('name')} label={trans.__('Name')} code />
      <Select
        {...field('type')}
        label={trans.__('Type')}
        options={TYPES.map(type => [type, type])}
      />
      {kind === 'inputs' && (
        <>
          <Text
            {...field('default')}
            label={trans.__('Default (JSON)')}
            code
            placeholder={trans.__('none')}
          />
          <Check {...field('required')} label={trans.__('Required')} />
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
      <More title={trans.__('Details')} paths={[`${path}.schema`]}>
        <Text {...field('description')} label={trans.__('Description')} />
        <Lines
          {...field('schema')}
          label={trans.__('JSON Schema')}
          code
          rows={Math.min(12, Math.max(3, value.schema.split('\n').length))}
        />
        <Check
          {...field('strict')}
          label={trans.__('Refuse what the schema does not allow')}
        />
      </More>
    </div>
  );
}
