import * as React from 'react';

import { ErrorsContext } from './field';

/**
 * A part that most people leave alone: folded until opened, or until an error is in it.
 *
 * @param paths - beginnings of the names of its fields
 */
export function Fold(props: {
  title: string;
  summary?: string;
  paths: string[];
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = useOpen(props.paths, false);
  const id = React.useId();
  return (
    <details
      className="jp-NodeDeploy-fold"
      aria-labelledby={id}
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>
        <h2 id={id}>{props.title}</h2>
        {!open && props.summary && (
          <span className="jp-NodeDeploy-hint">{props.summary}</span>
        )}
      </summary>
      {props.children}
    </details>
  );
}

/**
 * Further fields of a part, behind a word; open from the start where they are filled in.
 */
export function More(props: {
  title: string;
  paths: string[];
  filled?: boolean;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = useOpen(props.paths, Boolean(props.filled));
  return (
    <details
      className="jp-NodeDeploy-details"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{props.title}</summary>
      {props.children}
    </details>
  );
}

function useOpen(
  paths: string[],
  first: boolean
): [boolean, (open: boolean) => void] {
  const errors = React.useContext(ErrorsContext);
  const [open, setOpen] = React.useState(first);
  const wrong = Object.keys(errors).some(field =>
    paths.some(path => field === path || field.startsWith(`${path}.`))
  );
  React.useEffect(() => {
    if (wrong) {
      setOpen(true);
    }
  }, [errors]);
  return [open, setOpen];
}
