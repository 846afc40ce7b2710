import * as React from 'react';

import { ApiError, messageOf } from '../../api/error';
import type { Node, NodeCreate } from '../../api/schema';
import type { IDraft } from '../../model/draft';
import { draftOf, EMPTY } from '../../model/draft';
import type { FieldErrors } from '../../model/spec';
import { fieldErrors, specOf } from '../../model/spec';
import { Action, Part } from '../part';
import { Empty } from '../rows';
import { useUi } from '../ui';
import { KernelImage, Packages, Running } from './cell';
import { CheckpointField } from './checkpoint';
import { ErrorsContext } from './field';
import { Lines, Radios, Select, Text } from './inputs';
import type { IOptions } from './options';
import { useOptions } from './options';
import { AccessList, Provisioning } from './place';
import { Test } from './test';
import { Variables } from './variables';

interface IProps {
  /** Id of the pinned checkpoint to prefill from. */
  checkpoint?: string;
  /** The node to change; none to create one. */
  node?: Node;
  onDone: (node: Node) => void;
}

/**
 * The node form. What was typed stays until the node is there.
 */
export function NodeForm(props: IProps): JSX.Element {
  const { trans } = useUi();
  const { options, error } = useOptions();
  if (!options) {
    return <Empty>{error || trans.__('Loading…')}</Empty>;
  }
  return <Form {...props} options={options} />;
}

function Form(props: IProps & { options: IOptions }): JSX.Element {
  const { store, trans } = useUi();
  const { node: old, options } = props;
  const [draft, setDraft] = React.useState<IDraft>(old ? draftOf(old) : EMPTY);
  const [filledFrom, setFilledFrom] = React.useState(old?.cell?.checkpoint);
  const [warnings, setWarnings] = React.useState<string[]>([]);
  const [example, setExample] = React.useState('{}');
  const [errors, setErrors] = React.useState<FieldErrors>({});
  const [refusal, setRefusal] = React.useState('');
  const form = React.useRef<HTMLFormElement>(null);
  const set = (change: Partial<IDraft>) =>
    setDraft(now => ({ ...now, ...change }));

  const fillIn = async (checkpoint: string) => {
    try {
      const found = await store.client.checkpoints.suggest(checkpoint);
      const { node } = found;
      setDraft(draftOf({ ...node, cell: node.cell }));
      set({ checkpoint });
      setExample(JSON.stringify(found.input, null, 2));
      setWarnings(found.warnings);
      setFilledFrom(checkpoint);
      setErrors({});
      setRefusal('');
    } catch (failure) {
      setRefusal(messageOf(failure));
    }
  };
  React.useEffect(() => {
    if (props.checkpoint) {
      void fillIn(props.checkpoint);
    }
  }, [props.checkpoint]);

  // The first field with an error gets the focus once it is rendered (and unfolded).
  React.useEffect(() => {
    window.setTimeout(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    );
  }, [errors]);
  const refuse = (error: ApiError) => setErrors(fieldErrors(error.details));
  const read = (): NodeCreate | null => {
    const { node, errors: found } = specOf(draft, trans);
    setErrors(found);
    const wrong = Object.keys(found).length > 0;
    setRefusal(wrong ? trans.__('Some fields need another look.') : '');
    return wrong ? null : node;
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
      setRefusal(messageOf(failure));
      if (failure instanceof ApiError) {
        refuse(failure);
      }
    }
  };
  return (
    <ErrorsContext.Provider value={errors}>
      <form
        ref={form}
        className="jp-NodeDeploy-page jp-NodeDeploy-form"
        aria-label={trans.__('Node')}
        noValidate
        onSubmit={event => event.preventDefault()}
      >
        <h1>{old ? trans.__('Edit %1', old.name) : trans.__('Create node')}</h1>
        {warnings.map(warning => (
          <p key={warning} className="jp-NodeDeploy-notice">
            {warning}
          </p>
        ))}
        <Radios
          legend={trans.__('Type')}
          value="cell"
          onChange={() => undefined}
          options={[
            { value: 'cell', label: trans.__('Cell') },
            {
              value: 'docker',
              label: trans.__('Docker'),
              unavailable:
                options.health.missing.docker ??
                trans.__('Create it through the API: POST nodes.')
            }
          ]}
        />
        <Text
          label={trans.__('Name')}
          path="name"
          required
          hint={trans.__('Lower-case letters, digits and hyphens.')}
          value={draft.name}
          onChange={name => set({ name })}
        />
        <Lines
          label={trans.__('Description')}
          path="description"
          rows={2}
          value={draft.description}
          onChange={description => set({ description })}
        />
        <CheckpointField
          draft={draft}
          set={set}
          options={options}
          filledFrom={filledFrom}
          fillIn={fillIn}
        />
        {(['inputs', 'outputs'] as const).map(kind => (
          <Variables
            key={kind}
            kind={kind}
            value={draft[kind]}
            onChange={value => set({ [kind]: value })}
          />
        ))}
        <KernelImage
          draft={draft}
          set={set}
          secrets={options.secrets}
          unavailable={options.health.missing.image}
        />
        <Packages draft={draft} set={set} />
        <Running draft={draft} set={set} />
        <Part title={trans.__('Place')}>
          <Select
            label={trans.__('Folder')}
            path="folder"
            value={draft.folder}
            onChange={folder => set({ folder })}
            options={folderChoices(options)}
          />
        </Part>
        <Provisioning
          draft={draft}
          set={set}
          configurations={options.configurations}
          zones={options.zones}
        />
        <AccessList draft={draft} set={set} folders={options.folders} />
        <Test
          input={example}
          onInput={setExample}
          read={read}
          onRefused={refuse}
        />
        <footer className="jp-NodeDeploy-submit">
          <Action
            label={old ? trans.__('Save') : trans.__('Create')}
            look="accept"
            onClick={submit}
          />
          <div role="alert">
            {refusal && <p className="jp-NodeDeploy-error">{refusal}</p>}
          </div>
        </footer>
      </form>
    </ErrorsContext.Provider>
  );
}

/**
 * The folders; that of none is the default one.
 */
function folderChoices({ folders }: IOptions): [string, string][] {
  const choices = folders.map(one => [one.id, one.name] as [string, string]);
  const first = choices.findIndex(([, name]) => name === 'default');
  if (first >= 0) {
    choices[first][0] = '';
  }
  return choices;
}

function changeOf(node: NodeCreate) {
  const { name, description, folder, acl, cell, provisioning } = node;
  return { name, description, folder, acl, cell, provisioning };
}
