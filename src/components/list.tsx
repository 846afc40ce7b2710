import * as React from 'react';

import type { Collection } from '../model/collection';
import type { Search } from '../model/search';
import { useSignal } from './hooks';
import { Empty, Rows } from './rows';
import { useUi } from './ui';

/**
 * What the server has of something, as the search leaves it.
 *
 * @param empty - what to do where there is nothing yet
 * @param unmatched - what to say when the search leaves nothing
 * @param words - what the search looks at
 */
export function List<T>(props: {
  label: string;
  collection: Collection<T>;
  search: Search;
  empty: string;
  unmatched: string;
  words: (one: T) => (string | null | undefined)[];
  row: (one: T) => JSX.Element;
  /** What stands below the rows. */
  foot?: () => JSX.Element | null;
}): JSX.Element {
  const { trans } = useUi();
  const { collection, search } = props;
  useSignal(collection.changed);
  useSignal(search.changed);
  const { items, error } = collection;
  if (!items) {
    return <Empty>{error ?? trans.__('Loading…')}</Empty>;
  }
  if (items.length === 0) {
    return <Empty>{props.empty}</Empty>;
  }
  const found = items.filter(one =>
    search.matches(props.words(one).filter(Boolean).join('\n'))
  );
  return (
    <>
      {found.length === 0 ? (
        <Empty>{props.unmatched}</Empty>
      ) : (
        <Rows label={props.label}>{found.map(props.row)}</Rows>
      )}
      {props.foot?.()}
    </>
  );
}
