import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Configuration, Folder, ZoneInfo } from '../../api/schema';
import type { IDraft } from '../../model/form/node';
import type { IProvisioningDraft, IZoneDraft } from '../../model/form/place';
import { emptyZone } from '../../model/form/place';
import { useUi } from '../ui';
import { bound } from './bound';
import { Fold } from './fold';
import { Check, Select, Text } from './inputs';

interface IProps<D> {
  draft: D;
  set: (change: Partial<D>) => void;
}

/**
 * How much of what, where.
 */
export function Provisioning(
  props: IProps<IProvisioningDraft> & {
    configurations: Configuration[];
    zones: ZoneInfo[];
    zonesUnavailable?: string;
  }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set, configurations } = props;
  const field = bound(draft, set, 'provisioning');
  return (
    <Fold
      title={trans.__('Provisioning')}
      summary={`${draft.configuration} × ${draft.instances}`}
      paths={['provisioning']}
    >
      <div className="jp-NodeDeploy-columns">
        <Select
          {...field('configuration')}
          label={trans.__('Instance configuration')}
          options={configurations.map(one => [
            one.id,
            trans.__('%1: %2 cores, %3 GB', one.id, one.cores, one.memory_gb)
          ])}
        />
        <Text {...field('instances')} label={trans.__('Instances')} numeric />
        <Text
          {...field('maintenanceLimit')}
          label={trans.__('Maintenance limit')}
          hint={trans.__('How many instances may be down during an update.')}
          numeric
        />
      </div>
      <Zones {...props} />
    </Fold>
  );
}

function Zones(
  props: IProps<IProvisioningDraft> & {
    zones: ZoneInfo[];
    zonesUnavailable?: string;
  }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set, zones } = props;
  const change = (one: IZoneDraft, to: Partial<IZoneDraft>) =>
    set({
      zones: draft.zones.map(old => (old === one ? { ...old, ...to } : old))
    });
  return (
    <fieldset className="jp-NodeDeploy-radios">
      <legend>{trans.__('Distribution by zones')}</legend>
      {props.zonesUnavailable && (
        <p className="jp-NodeDeploy-hint">{props.zonesUnavailable}</p>
      )}
      {draft.zones.map((one, index) => (
        <ZoneRow
          key={one.key}
          draft={one}
          set={to => change(one, to)}
          index={index}
          zones={zones}
          onRemove={() =>
            set({ zones: draft.zones.filter(old => old !== one) })
          }
        />
      ))}
      <button
        type="button"
        className="jp-NodeDeploy-button"
        disabled={Boolean(props.zonesUnavailable)}
        onClick={() =>
          set({ zones: [...draft.zones, emptyZone(zones[0]?.id ?? 'local')] })
        }
      >
        <addIcon.react tag="span" /> {trans.__('Add availability zone')}
      </button>
    </fieldset>
  );
}

function ZoneRow(
  props: IProps<IZoneDraft> & {
    index: number;
    zones: ZoneInfo[];
    onRemove: () => void;
  }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set, index, zones } = props;
  const field = bound(draft, set, `provisioning.zones.${index}`);
  return (
    <div className="jp-NodeDeploy-variable">
      <Select
        {...field('zone')}
        label={trans.__('Zone')}
        options={zones.map(zone => [zone.id, zone.id])}
      />
      <Text {...field('subnet')} label={trans.__('Subnet')} />
      <button
        type="button"
        className="jp-NodeDeploy-icon"
        aria-label={trans.__('Remove %1', draft.zone)}
        onClick={props.onRemove}
      >
        <closeIcon.react tag="span" />
      </button>
    </div>
  );
}

/**
 * Who may call: the folders whose tokens are accepted.
 */
export function AccessList(
  props: IProps<IDraft> & { folders: Folder[] }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set, folders } = props;
  const own = draft.folder || folders.find(one => one.name === 'default')?.id;
  const acl = draft.acl ?? (own ? [own] : []);
  return (
    <Fold
      title={trans.__('Access control list (ACL)')}
      summary={acl
        .map(id => folders.find(one => one.id === id)?.name ?? id)
        .join(', ')}
      paths={['acl']}
    >
      <p className="jp-NodeDeploy-hint">
        {trans.__('Requests with a token of these folders are answered.')}
      </p>
      {folders.map(one => (
        <Check
          key={one.id}
          label={one.name}
          value={acl.includes(one.id)}
          onChange={yes =>
            set({
              acl: yes ? [...acl, one.id] : acl.filter(id => id !== one.id)
            })
          }
        />
      ))}
    </Fold>
  );
}
