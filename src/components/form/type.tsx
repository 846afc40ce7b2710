import * as React from 'react';

import type { Health, NodeCreate } from '../../api/schema';
import { useUi } from '../ui';
import { Radios } from './inputs';

type Type = NodeCreate['type'];

/**
 * Whether the node is a cell or a Docker image.
 *
 * @param fixed - whether that can't change any more
 */
export function NodeType(props: {
  path: string;
  value: Type;
  onChange: (type: Type) => void;
  health: Health;
  fixed: boolean;
}): JSX.Element {
  const { trans } = useUi();
  const { health, value } = props;
  const why = (type: Type) =>
    props.fixed && type !== value
      ? trans.__('A node keeps its type.')
      : undefined;
  return (
    <Radios<Type>
      {...props}
      legend={trans.__('Type')}
      options={[
        {
          value: 'cell',
          label: trans.__('Cell'),
          unavailable: why('cell')
        },
        {
          value: 'docker',
          label: trans.__('Docker'),
          unavailable:
            why('docker') ??
            (health.docker_nodes
              ? undefined
              : (health.missing.docker ??
                trans.__('This backend runs no Docker images.')))
        }
      ]}
    />
  );
}
