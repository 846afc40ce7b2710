import * as React from 'react';

/**
 * A list whose rows the arrow keys go through.
 */
export function Rows(props: {
  label: string;
  children: React.ReactNode;
}): JSX.Element {
  const move = (event: React.KeyboardEvent<HTMLUListElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as HTMLElement).closest('li');
    if (!step || !row) {
      return;
    }
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    next?.querySelector<HTMLElement>('button')?.focus();
    event.preventDefault();
  };
  return (
    <ul
      className="jp-NodeDeploy-rows"
      aria-label={props.label}
      onKeyDown={move}
    >
      {props.children}
    </ul>
  );
}

/**
 * What stands where there is nothing to show.
 */
export function Empty(props: { children: React.ReactNode }): JSX.Element {
  return <div className="jp-NodeDeploy-empty">{props.children}</div>;
}
