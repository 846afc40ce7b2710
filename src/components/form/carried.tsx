import * as React from 'react';

import { messageOf } from '../../api/error';
import type { SliceGroup, Variable } from '../../api/schema';
import { choose, sorted } from '../../model/form/carried';
import type { ICellDraft } from '../../model/form/cell';
import { variableDraft } from '../../model/form/variable';
import { bytes } from '../../model/size';
import { useUi } from '../ui';
import { Fold } from './fold';
import { Check, Select } from './inputs';

const SETTLED = 300; // ms without a keystroke

/**
 * The variables of the checkpoint that go along with the cell; the user may add and leave out.
 */
export function Carried(props: {
  draft: ICellDraft;
  set: (change: Partial<ICellDraft>) => void;
}): JSX.Element {
  const { trans } = useUi();
  const { draft, set } = props;
  const { groups: known, error, mark } = useSlice(draft);
  const { listed, others } = sorted(known ?? []);
  const carried = listed.filter(one => one.carried);
  const size = carried.reduce((sum, one) => sum + one.size, 0);
  const count = carried.reduce((sum, one) => sum + one.names.length, 0);
  const take = (group: SliceGroup, along: boolean) => {
    mark(group, along);
    set(choose(draft, group, along));
  };
  const changed = draft.carry.length + draft.leaveOut.length > 0;
  return (
    <Fold
      title={trans.__('Variables that go along')}
      summary={
        known
          ? trans._n('%1 variable', '%1 variables', count) + `, ${bytes(size)}`
          : undefined
      }
      paths={['cell.carry', 'cell.leave_out']}
    >
      <p className="jp-NodeDeploy-hint">
        {trans.__(
          'What the cell can reach of the saved state, the largest first. Those on one line share objects.'
        )}
      </p>
      {error && <p className="jp-NodeDeploy-error">{error}</p>}
      <Groups
        groups={listed}
        isInput={name => draft.inputs.some(one => one.name.trim() === name)}
        onChange={take}
        onInput={one => set({ inputs: [...draft.inputs, variableDraft(one)] })}
      />
      {others.length > 0 && (
        <Select
          label={trans.__('Add another variable')}
          path="cell.carry"
          value=""
          onChange={name => {
            const group = others.find(one => one.names[0] === name);
            if (group) {
              take(group, true);
            }
          }}
          options={[
            ['', trans.__('Choose a variable')],
            ...others.map(
              one =>
                [one.names[0], `${named(one)} (${bytes(one.size)})`] as const
            )
          ]}
        />
      )}
      {changed && (
        <button
          type="button"
          className="jp-NodeDeploy-link"
          onClick={() => set({ carry: [], leaveOut: [] })}
        >
          {trans.__('Only what the cell can reach')}
        </button>
      )}
    </Fold>
  );
}

function Groups(props: {
  groups: SliceGroup[];
  isInput: (name: string) => boolean;
  onChange: (group: SliceGroup, along: boolean) => void;
  onInput: (variable: Variable) => void;
}): JSX.Element {
  const { trans } = useUi();
  return (
    <ul className="jp-NodeDeploy-carried">
      {props.groups.map(one => (
        <li key={one.names[0]}>
          <Check
            label={<code>{named(one)}</code>}
            value={one.carried}
            onChange={along => props.onChange(one, along)}
          />
          <span>{bytes(one.size)}</span>
          <span className="jp-NodeDeploy-hint">
            {one.carried && !one.used && trans.__('added')}
            {!one.carried && trans.__('stays behind')}
            {one.inputs
              .filter(input => !props.isInput(input.name))
              .map(input => (
                <button
                  key={input.name}
                  type="button"
                  className="jp-NodeDeploy-link"
                  aria-label={`${trans.__('Make it an input')}: ${input.name}`}
                  onClick={() => props.onInput(input)}
                >
                  {trans.__('Make it an input')}
                </button>
              ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/**
 * The groups of the form's checkpoint, as the server sorts them for the form as it is.
 */
function useSlice(draft: ICellDraft): {
  /** Null until they are known. */
  groups: SliceGroup[] | null;
  error: string;
  /** Shows a choice at once; the server tells what else follows from it. */
  mark: (group: SliceGroup, along: boolean) => void;
} {
  const { client } = useUi().store;
  const [groups, setGroups] = React.useState<SliceGroup[] | null>(null);
  const [error, setError] = React.useState('');
  const { checkpoint, carry, leaveOut } = draft;
  const inputs = draft.inputs.map(one => one.name.trim()).filter(Boolean);
  React.useEffect(() => {
    if (!checkpoint) {
      setGroups(null);
      return;
    }
    let current = true;
    const request = { inputs, carry, leave_out: leaveOut };
    const timer = window.setTimeout(() => {
      client.checkpoints.slice(checkpoint, request).then(
        found => {
          if (current) {
            setGroups(found);
            setError('');
          }
        },
        failure => current && setError(messageOf(failure))
      );
    }, SETTLED);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [checkpoint, inputs.join(), carry.join(), leaveOut.join()]);
  const mark = (group: SliceGroup, carried: boolean) =>
    setGroups(
      now => now && now.map(one => (one === group ? { ...one, carried } : one))
    );
  return { groups, error, mark };
}

function named(group: SliceGroup): string {
  return group.names.join(', ');
}
