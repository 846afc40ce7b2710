import * as React from 'react';

import type { CellSpec, Secret } from '../../api/schema';
import type { IDraft } from '../../model/draft';
import { useUi } from '../ui';
import { Fold } from './fold';
import { Check, Lines, Radios, Select, Text } from './inputs';

interface IProps {
  draft: IDraft;
  set: (change: Partial<IDraft>) => void;
}

/**
 * The image that the cell runs in.
 */
export function KernelImage(
  props: IProps & { secrets: Secret[]; unavailable?: string }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set } = props;
  return (
    <Fold
      title={trans.__('Kernel Docker image')}
      summary={draft.customImage ? draft.image : trans.__('Default')}
      paths={['cell.image']}
    >
      <Radios
        legend={trans.__('Image')}
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
        <>
          <Text
            label={trans.__('Image path')}
            path="cell.image.image"
            required
            code
            value={draft.image}
            onChange={image => set({ image })}
          />
          <Text
            label={trans.__('Username')}
            path="cell.image.username"
            value={draft.username}
            onChange={username => set({ username })}
          />
          <Select
            label={trans.__('Password secret')}
            path="cell.image.password_secret"
            value={draft.passwordSecret}
            onChange={passwordSecret => set({ passwordSecret })}
            options={[
              ['', trans.__('None')],
              ...props.secrets.map(
                one => [one.name, one.name] as [string, string]
              )
            ]}
          />
        </>
      )}
    </Fold>
  );
}

/**
 * What travels with the cell.
 */
export function Packages({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const count = draft.requirements.split('\n').filter(Boolean).length;
  return (
    <Fold
      title={trans.__('Requirements and files')}
      summary={trans._n('%1 package', '%1 packages', count)}
      paths={['cell.requirements', 'cell.files']}
    >
      <Lines
        label={trans.__('Requirements')}
        path="cell.requirements"
        hint={trans.__('One in a line, exact: name==version.')}
        code
        rows={Math.min(10, Math.max(3, count))}
        value={draft.requirements}
        onChange={requirements => set({ requirements })}
      />
      <Lines
        label={trans.__('Extra files')}
        path="cell.files"
        hint={trans.__(
          'One in a line, relative to the notebook. Local modules that the cell imports travel along by themselves.'
        )}
        code
        value={draft.files}
        onChange={files => set({ files })}
      />
    </Fold>
  );
}

/**
 * How requests are run.
 */
export function Running({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  return (
    <Fold
      title={trans.__('How requests run')}
      summary={trans.__('time limit %1 s', draft.timeout)}
      paths={['cell.isolation', 'cell.workers', 'cell.timeout', 'cell.queue']}
    >
      <Radios<CellSpec['isolation']>
        legend={trans.__('Isolation')}
        value={draft.isolation}
        onChange={isolation => set({ isolation })}
        options={[
          {
            value: 'auto',
            label: trans.__(
              'Automatic: shared, unless the test run changes variables in place'
            )
          },
          {
            value: 'shared',
            label: trans.__(
              'Shared: fast; variables are put back after each request'
            )
          },
          {
            value: 'request',
            label: trans.__('Request: each request runs in a fresh copy')
          }
        ]}
      />
      <div className="jp-NodeDeploy-columns">
        <Text
          label={trans.__('Timeout, seconds')}
          path="cell.timeout"
          numeric
          value={draft.timeout}
          onChange={timeout => set({ timeout })}
        />
        <Text
          label={trans.__('Workers per instance')}
          path="cell.workers"
          numeric
          placeholder={trans.__('automatic')}
          value={draft.workers}
          onChange={workers => set({ workers })}
        />
        <Text
          label={trans.__('Requests that may wait')}
          path="cell.queue"
          numeric
          value={draft.queue}
          onChange={queue => set({ queue })}
        />
      </div>
      <Check
        label={trans.__('Allow NaN and infinity in requests and answers')}
        value={draft.allowNan}
        onChange={allowNan => set({ allowNan })}
      />
      <Check
        label={trans.__('Show callers the traceback when the cell raises')}
        value={draft.showTraceback}
        onChange={showTraceback => set({ showTraceback })}
      />
    </Fold>
  );
}
