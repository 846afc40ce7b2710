import * as React from 'react';

/**
 * Tabs as the ARIA practices have them: the arrow keys go from one to the next.
 */
export function Tabs(props: {
  label: string;
  tabs: { id: string; label: string; body: () => JSX.Element }[];
  /** Which one is shown, where others may choose, too. */
  selected?: string;
  onSelect?: (id: string) => void;
}): JSX.Element {
  const [own, setOwn] = React.useState(props.tabs[0].id);
  const selected = props.selected ?? own;
  const setSelected = props.onSelect ?? setOwn;
  const base = React.useId();
  const strip = React.useRef<HTMLDivElement>(null);
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const count = props.tabs.length;
      const at = props.tabs.findIndex(tab => tab.id === selected);
      const next = (at + step + count) % count;
      setSelected(props.tabs[next].id);
      (strip.current!.children[next] as HTMLElement).focus();
    }
  };
  const tab = props.tabs.find(one => one.id === selected) ?? props.tabs[0];
  return (
    <>
      <div
        ref={strip}
        className="jp-NodeDeploy-tabs"
        role="tablist"
        aria-label={props.label}
        onKeyDown={move}
      >
        {props.tabs.map(one => (
          <button
            key={one.id}
            type="button"
            role="tab"
            id={`${base}-${one.id}`}
            aria-selected={one === tab}
            aria-controls={`${base}-panel`}
            tabIndex={one === tab ? 0 : -1}
            onClick={() => setSelected(one.id)}
          >
            {one.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${tab.id}`}
        className="jp-NodeDeploy-tabPanel"
        key={tab.id}
      >
        {tab.body()}
      </div>
    </>
  );
}
