import * as React from 'react';

import type { IImageDraft } from '../../model/form/image';
import { useUi } from '../ui';
import { bound } from './bound';
import { More } from './fold';
import { Text } from './inputs';
import { SecretField } from './secret';

/**
 * An image and, behind "additional parameters", how to log in to its registry.
 *
 * @param path - where the image's fields are in the API: `cell.image` or `docker`
 * @param children - further such parameters
 */
export function ImageFields(props: {
  draft: IImageDraft;
  set: (change: Partial<IImageDraft>) => void;
  path: string;
  children?: React.ReactNode;
}): JSX.Element {
  const { trans } = useUi();
  const { draft, set, path } = props;
  const field = bound(draft, set, path);
  return (
    <>
      <Text
        {...field('image')}
        label={trans.__('Image path')}
        required
        code
        placeholder="registry.example.com/team/image:tag"
      />
      <More
        title={trans.__('Show additional parameters')}
        paths={['username', 'password_secret', 'command'].map(
          name => `${path}.${name}`
        )}
        filled={Boolean(draft.username || draft.passwordSecret)}
      >
        <div className="jp-NodeDeploy-columns">
          <Text {...field('username')} label={trans.__('Username')} />
          <SecretField
            {...field('passwordSecret')}
            label={trans.__('Password secret')}
          />
        </div>
        {props.children}
      </More>
    </>
  );
}
