import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import * as React from 'react';

import { ApiError, messageOf } from '../../api/error';
import type { Node, NodeCreate } from '../../api/schema';
import type { FieldErrors } from '../../model/form/errors';
import { fieldErrors } from '../../model/form/errors';
import type { IDraft } from '../../model/form/node';
import { draftOf, specOf } from '../../model/form/node';
import type { IFormState } from '../../model/form/state';
import { restored, UNFILLED, written } from '../../model/form/state';
import { Action, Part } from '../part';
import { Empty } from '../rows';
import { useUi } from '../ui';
import { Warnings } from '../warnings';
import { bound, within } from './bound';
import { CellPart } from './cell';
import { DockerPart } from './docker';
import { ErrorsContext } from './field';
import { Lines, Select, Text } from './inputs';
import type { IOptions } from './options';
import { useOptions, useSecrets } from './options';
import { AccessList, Provisioning } from './place';
import { Refusal } from './refusal';
import { SecretsContext } from './secret';
import { Test } from './test';
import { NodeType } from './type';

interface IProps {
  /** Id of the pinned checkpoint to prefill from. */
  checkpoint?: string;
  /** Id of the node to change; none to create one. */
  node?: string;
  /** What was filled in before the page was loaded anew. */
  kept: unknown;
  onChange: (kept: ReadonlyPartialJSONValue) => void;
  onTitle: (title: string) => void;
  onDone: (node: Node) => void;
}

/**
 * The node form. What was typed stays until the node is there.
 */
export function NodeForm(props: IProps): JSX.Element {
  const { trans } = useUi();
  const { options, error } = useOptions(props.node);
  if (!options) {
    return <Empty>{error || trans.__('Loading…')}</Empty>;
  }
  return <Form {...props} options={options} />;
}

function Form(props: IProps & { options: IOptions }): JSX.Element {
  const { store, trans } = useUi();
  const { options } = props;
  const old = options.node;
  const kept = React.useRef(restored(props.kept));
  const first = React.useRef(kept.current ?? stateOf(old));
  const [state, setState] = React.useState(first.current);
  // Nothing is typed into a form that is still being filled in.
  const [ready, setReady] = React.useState(
    !props.checkpoint || kept.current !== null
  );
  const [errors, setErrors] = React.useState<FieldErrors>({});
  const [refusal, setRefusal] = React.useState('');
  const form = React.useRef<HTMLFormElement>(null);
  const { draft, filledFrom } = state;
  const secrets = useSecrets(draft.folder);
  const set = (change: Partial<IDraft>) =>
    setState(now => ({ ...now, draft: { ...now.draft, ...change } }));
  const field = bound(draft, set);

  const fillIn = async (checkpoint: string) => {
    try {
      const { node, input, warnings } =
        await store.client.checkpoints.suggest(checkpoint);
      const found = draftOf(node);
      const cell = { ...found.cell, checkpoint };
      setState(({ draft: { docker, ...now } }) => ({
        // A node that is there stays the one that it is: only its cell is another.
        draft: { ...(old ? now : found), cell, docker },
        filledFrom: checkpoint,
        warnings,
        example: JSON.stringify(input, null, 2)
      }));
      setErrors({});
      setRefusal('');
    } catch (failure) {
      setRefusal(messageOf(failure));
    }
  };
  React.useEffect(() => {
    if (props.checkpoint && !ready) {
      void fillIn(props.checkpoint).finally(() => setReady(true));
    }
  }, [props.checkpoint]);
  React.useEffect(() => {
    if (state !== first.current || kept.current) {
      props.onChange(written(state));
    }
  }, [state]);
  const title = old ? trans.__('Edit %1', old.name) : trans.__('Create node');
  React.useEffect(() => props.onTitle(title), [title]);

  // The first field with an error gets the focus once it is rendered (and unfolded).
  React.useEffect(() => {
    window.setTimeout(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    );
  }, [errors]);
  const refuse = (error: ApiError) => {
    setErrors(fieldErrors(error.details));
    setRefusal('');
  };
  const read = (): NodeCreate | null => {
    const { node, errors: found } = specOf(draft, trans);
    setErrors(found);
    setRefusal('');
    return Object.keys(found).length > 0 ? null : node;
  };
  const submit = async () => {
    const node = read();
    if (!node) {
      return;
    }
    const { client } = store;
    try {
      props.onDone(
        old
          ? await client.nodes.patch(old.id, changeOf(node))
          : await client.nodes.create(node)
      );
    } catch (failure) {
      if (failure instanceof ApiError) {
        refuse(failure);
        if (failure.isOfFields) {
          return; // They say it.
        }
      }
      setRefusal(messageOf(failure));
    }
  };
  if (!ready) {
    return <Empty>{trans.__('Loading…')}</Empty>;
  }
  return (
    <ErrorsContext.Provider value={errors}>
      <form
        ref={form}
        className="jp-NodeDeploy-page jp-NodeDeploy-form"
        aria-label={trans.__('Node')}
        noValidate
        onSubmit={event => event.preventDefault()}
      >
        <h1>{title}</h1>
        <Warnings warnings={state.warnings} />
        <NodeType
          {...field('type')}
          health={options.health}
          fixed={old !== null}
        />
        <Text
          {...field('name')}
          label={trans.__('Name')}
          required
          hint={trans.__('Lower-case letters, digits and hyphens.')}
        />
        <Lines
          {...field('description')}
          label={trans.__('Description')}
          rows={2}
        />
        <SecretsContext.Provider value={secrets}>
          {draft.type === 'cell' ? (
            <CellPart
              draft={draft.cell}
              set={within(draft, set, 'cell')}
              options={options}
              filledFrom={filledFrom}
              fillIn={fillIn}
            />
          ) : (
            <DockerPart
              draft={draft.docker}
              set={within(draft, set, 'docker')}
              missing={options.health.missing}
            />
          )}
        </SecretsContext.Provider>
        <Part title={trans.__('Place')}>
          <Select
            {...field('folder')}
            label={trans.__('Folder')}
            options={folderChoices(options)}
          />
        </Part>
        <Provisioning
          draft={draft.provisioning}
          set={within(draft, set, 'provisioning')}
          configurations={options.configurations}
          zones={options.zones}
          zonesUnavailable={options.health.missing.zones}
        />
        <AccessList draft={draft} set={set} folders={options.folders} />
        {draft.type === 'cell' && (
          <Test
            input={state.example}
            onInput={example => setState(now => ({ ...now, example }))}
            read={read}
            onRefused={refuse}
            onTake={(name, path) => {
              const text = [draft.cell[name], path].filter(Boolean).join('\n');
              within(draft, set, 'cell')({ [name]: text });
            }}
          />
        )}
        <footer className="jp-NodeDeploy-submit">
          <Action
            label={old ? trans.__('Save') : trans.__('Create')}
            look="accept"
            onClick={submit}
          />
          <Refusal message={refusal} errors={errors} form={form} />
        </footer>
      </form>
    </ErrorsContext.Provider>
  );
}

function stateOf(node: Node | null): IFormState {
  return node
    ? {
        ...UNFILLED,
        draft: draftOf(node),
        filledFrom: node.cell?.checkpoint ?? ''
      }
    : UNFILLED;
}

/**
 * The folders; a new node of none goes into the default one, but one that is there stays where it is.
 */
function folderChoices({ folders, node }: IOptions): [string, string][] {
  return folders.map(({ id, name }) => [
    name === 'default' && !node ? '' : id,
    name
  ]);
}

function changeOf(node: NodeCreate) {
  const { name, description, folder, acl, cell, docker, provisioning } = node;
  return { name, description, folder, acl, cell, docker, provisioning };
}
