import * as React from 'react';

/**
 * A titled part of a page.
 */
export function Part(props: {
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  const id = React.useId();
  return (
    <section className="jp-NodeDeploy-part" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </section>
  );
}

/**
 * A button that works while a promise is under way only once.
 */
export function Action(props: {
  label: string;
  onClick: () => Promise<unknown> | void;
  look?: 'accept' | 'warn';
  disabled?: boolean;
  title?: string;
}): JSX.Element {
  const [busy, setBusy] = React.useState(false);
  const alive = React.useRef(true);
  React.useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const click = async () => {
    setBusy(true);
    try {
      await props.onClick();
    } finally {
      if (alive.current) {
        setBusy(false);
      }
    }
  };
  const look = props.look ? ` jp-mod-${props.look}` : '';
  return (
    <button
      type="button"
      className={`jp-NodeDeploy-button${look}`}
      disabled={busy || props.disabled}
      title={props.title}
      onClick={() => void click()}
    >
      {props.label}
    </button>
  );
}
