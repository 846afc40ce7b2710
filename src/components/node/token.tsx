import * as React from 'react';

import { messageOf } from '../../api/error';
import { Copyable } from '../copy';
import { Select } from '../form/inputs';
import { Action } from '../part';
import { useUi } from '../ui';

const HOUR = 3600;

/**
 * Issues a token for a folder; it is shown this once.
 */
export function NewToken(props: {
  folder: string;
  token: string;
  onToken: (token: string) => void;
}): JSX.Element {
  const { store, trans } = useUi();
  const [ttl, setTtl] = React.useState(String(12 * HOUR));
  const [error, setError] = React.useState('');
  const create = async () => {
    setError('');
    try {
      const issued = await store.client.issueToken(
        props.folder,
        Number(ttl),
        ''
      );
      props.onToken(issued.token);
    } catch (failure) {
      setError(messageOf(failure));
    }
  };
  return (
    <>
      <div className="jp-NodeDeploy-beside">
        <Select
          label={trans.__('Valid for')}
          path="ttl_seconds"
          value={ttl}
          onChange={setTtl}
          options={[
            [String(HOUR), trans.__('1 hour')],
            [String(12 * HOUR), trans.__('12 hours')],
            [String(30 * 24 * HOUR), trans.__('30 days')],
            [String(365 * 24 * HOUR), trans.__('1 year')]
          ]}
        />
        <Action label={trans.__('Create token')} onClick={create} />
      </div>
      {error && <p className="jp-NodeDeploy-error">{error}</p>}
      {props.token && (
        <div role="status">
          <p className="jp-NodeDeploy-hint">
            {trans.__(
              'Copy it now: it is not kept and is not shown again. The code below has it.'
            )}
          </p>
          <Copyable text={props.token} what={trans.__('Token')} />
        </div>
      )}
    </>
  );
}
