import * as React from 'react';

import type { ICellDraft } from '../../model/form/cell';
import { useUi } from '../ui';
import { bound, within } from './bound';
import { Carried } from './carried';
import { CheckpointField } from './checkpoint';
import { Environment } from './environment';
import { Fold } from './fold';
import { ImageFields } from './image';
import { Lines, Radios } from './inputs';
import type { IOptions } from './options';
import { Limits, Running } from './running';
import { Variables } from './variables';

interface IProps {
  draft: ICellDraft;
  set: (change: Partial<ICellDraft>) => void;
}

/**
 * The part of the form that only cells have.
 */
export function CellPart(
  props: IProps & {
    options: IOptions;
    filledFrom: string;
    fillIn: (checkpoint: string) => Promise<void>;
  }
): JSX.Element {
  const { draft, set, options } = props;
  return (
    <>
      <CheckpointField {...props} />
      {(['inputs', 'outputs'] as const).map(kind => (
        <Variables
          key={kind}
          kind={kind}
          value={draft[kind]}
          onChange={value => set({ [kind]: value })}
        />
      ))}
      <KernelImage
        draft={draft}
        set={set}
        unavailable={options.health.missing.image}
      />
      <Environment
        draft={draft}
        set={set}
        path="cell"
        missing={options.health.missing}
      />
      <Carried draft={draft} set={set} />
      <Packages draft={draft} set={set} />
      <Running draft={draft} set={set} />
      <Limits draft={draft} set={set} />
    </>
  );
}

/**
 * The image that the cell runs in.
 */
function KernelImage(props: IProps & { unavailable?: string }): JSX.Element {
  const { trans } = useUi();
  const { draft, set } = props;
  return (
    <Fold
      title={trans.__('Kernel Docker image')}
      summary={
        draft.customImage
          ? draft.image.image || trans.__('Custom')
          : trans.__('Default')
      }
      paths={['cell.image']}
    >
      <Radios
        legend={trans.__('Image')}
        path="cell.image"
        value={draft.customImage ? 'custom' : 'default'}
        onChange={value => set({ customImage: value === 'custom' })}
        options={[
          { value: 'default', label: trans.__('Default') },
          {
            value: 'custom',
            label: trans.__('Custom'),
            unavailable: props.unavailable
          }
        ]}
      />
      {draft.customImage && (
        <ImageFields
          draft={draft.image}
          set={within(draft, set, 'image')}
          path="cell.image"
        />
      )}
    </Fold>
  );
}

/**
 * The packages and files that go along with the cell.
 */
function Packages({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const field = bound(draft, set, 'cell');
  const count = draft.requirements.split('\n').filter(Boolean).length;
  return (
    <Fold
      title={trans.__('Requirements and files')}
      summary={trans._n('%1 package', '%1 packages', count)}
      paths={['cell.requirements', 'cell.files']}
    >
      <Lines
        {...field('requirements')}
        label={trans.__('Requirements')}
        hint={trans.__('One in a line, exact: name==version.')}
        code
        rows={Math.min(10, Math.max(3, count))}
      />
      <Lines
        {...field('files')}
        label={trans.__('Extra files')}
        hint={trans.__(
          'One in a line, relative to the notebook. Local modules that the cell imports travel along by themselves.'
        )}
        code
      />
    </Fold>
  );
}
