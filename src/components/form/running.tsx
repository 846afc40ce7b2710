import * as React from 'react';

import type { ICellDraft } from '../../model/form/cell';
import { useUi } from '../ui';
import { bound } from './bound';
import { Fold } from './fold';
import { Check, Radios, Text } from './inputs';

interface IProps {
  draft: ICellDraft;
  set: (change: Partial<ICellDraft>) => void;
}

/**
 * How requests are run and answered.
 */
export function Running({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const field = bound(draft, set, 'cell');
  return (
    <Fold
      title={trans.__('How requests run')}
      summary={trans.__('time limit %1 s', draft.timeout)}
      paths={[
        'cell.isolation',
        'cell.random_state',
        'cell.workers',
        'cell.concurrency',
        'cell.timeout',
        'cell.response'
      ]}
    >
      <Radios
        {...field('isolation')}
        legend={trans.__('Isolation')}
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
      <Radios
        {...field('randomState')}
        legend={trans.__('Random numbers')}
        options={[
          { value: 'fresh', label: trans.__('New ones in each request') },
          {
            value: 'checkpoint',
            label: trans.__('Those of the checkpoint: the same in each request')
          }
        ]}
      />
      <div className="jp-NodeDeploy-columns">
        <Text
          {...field('timeout')}
          label={trans.__('Timeout, seconds')}
          numeric
        />
        <Text
          {...field('workers')}
          label={trans.__('Workers per instance')}
          numeric
          placeholder={trans.__('automatic')}
        />
        <Text
          {...field('concurrency')}
          label={trans.__('Requests at a time per worker')}
          hint={trans.__(
            'More than 1 for cells that await at the top level; they share the variables.'
          )}
          numeric
        />
      </div>
      <Answer draft={draft} set={set} />
      <Check
        {...field('allowNan')}
        label={trans.__('Allow NaN and infinity in requests and answers')}
      />
      <Check
        {...field('showTraceback')}
        label={trans.__('Show callers the traceback when the cell raises')}
      />
      <Check
        {...field('smokeTest')}
        label={trans.__(
          'Run the cell once where a new revision is to serve, before it does'
        )}
      />
    </Fold>
  );
}

function Answer({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  // Such an answer has no schema, and the server refuses one.
  const outputs = draft.outputs.map(one => ({ ...one, schema: '' }));
  return (
    <>
      <Radios
        legend={trans.__('Response')}
        path="cell.response"
        value={draft.bare ? 'bare' : 'json'}
        onChange={value =>
          set(value === 'bare' ? { bare: true, outputs } : { bare: false })
        }
        options={[
          { value: 'json', label: trans.__('The output variables as JSON') },
          {
            value: 'bare',
            label: trans.__(
              'The text or bytes of the one output variable, as they are'
            )
          }
        ]}
      />
      {draft.bare && (
        <Text
          label={trans.__('Content type')}
          path="cell.response.content_type"
          required
          code
          value={draft.contentType}
          onChange={contentType => set({ contentType })}
        />
      )}
    </>
  );
}

/**
 * How much a request may take; the defaults do for most.
 */
export function Limits({ draft, set }: IProps): JSX.Element {
  const { trans } = useUi();
  const field = bound(draft, set, 'cell');
  const limits = [
    {
      ...field('queue'),
      label: trans.__('Requests that may wait'),
      hint: trans.__('The next one is refused at once with 429.')
    },
    {
      ...field('queueTimeout'),
      label: trans.__('How long one may wait, seconds'),
      placeholder: trans.__('as the timeout')
    },
    {
      ...field('memoryLimit'),
      label: trans.__('Memory of a worker, MiB'),
      hint: trans.__(
        'Beyond the saved variables. A worker that has outgrown it is replaced between requests.'
      ),
      placeholder: trans.__('unlimited')
    },
    {
      ...field('responseLimit'),
      label: trans.__('Size of a response, MiB')
    }
  ];
  return (
    <Fold
      title={trans.__('Limits')}
      summary={trans.__('%1 requests may wait', draft.queue)}
      paths={limits.map(one => one.path)}
    >
      <div className="jp-NodeDeploy-columns jp-mod-wide">
        {limits.map(one => (
          <Text key={one.path} {...one} numeric />
        ))}
      </div>
    </Fold>
  );
}
