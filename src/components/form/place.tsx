import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Configuration, Folder, ZoneInfo } from '../../api/schema';
import type { IDraft, IZoneDraft } from '../../model/draft';
import { emptyZone } from '../../model/draft';
import { useUi } from '../ui';
import { Fold } from './fold';
import { Check, Select, Text } from './inputs';

interface IProps {
  draft: IDraft;
  set: (change: Partial<IDraft>) => void;
}

/**
 * How much of what, where.
 */
export function Provisioning(
  props: IProps & { configurations: Configuration[]; zones: ZoneInfo[] }
): JSX.Element {
  const { trans } = useUi();
  const { draft, set, configurations } = props;
  return (
    <Fold
      title={trans.__('Provisioning')}
      summary={`${draft.configuration} × ${draft.instances}`}
      paths={['provisioning']}
    >
      <div className="jp-NodeDeploy-columns">
        <Select
          label={trans.__('Instance configuration')}
          path="provisioning.configuration"
          value={draft.configuration}
          onChange={configuration => set({ configuration })}
          options={configurations.map(one => [
            one.id,
            trans.__('%1: %2 cores, %3 GB', one.id, one.cores, one.memory_gb)
          ])}
        />
        <Text
          label={trans.__('Instances')}
          path="provisioning.instances"
          numeric
          value={draft.instances}
          onChange={instances => set({ instances })}
        />
        <Text
          label={trans.__('Maintenance limit')}
          path="provisioning.maintenance_limit"
          hint={trans.__('How many instances may be down during an update.')}
          numeric
          value={draft.maintenanceLimit}
          onChange={maintenanceLimit => set({ maintenanceLimit })}
        />
      </div>
      <Zones {...props} />
    </Fold>
  );
}

function Zones(props: IProps & { zones: ZoneInfo[] }): JSX.Element {
  const { trans } = useUi();
  const { draft, set, zones } = props;
  const change = (one: IZoneDraft, to: Partial<IZoneDraft>) =>
    set({
      zones: draft.zones.map(old => (old === one ? { ...old, ...to } : old))
    });
  return (
    <fieldset className="jp-NodeDeploy-radios">
      <legend>{trans.__('Distribution by zones')}</legend>
      {draft.zones.map((one, index) => (
        <div key={one.key} className="jp-NodeDeploy-variable">
          <Select
            label={trans.__('Zone')}
            path={`provisioning.zones.${index}.zone`}
            value={one.zone}
            onChange={zone => change(one, { zone })}
            options={zones.map(zone => [zone.id, zone.id])}
          />
          <Text
            label={trans.__('Subnet')}
            path={`provisioning.zones.${index}.subnet`}
            value={one.subnet}
            onChange={subnet => change(one, { subnet })}
          />
          <button
            type="button"
            className="jp-NodeDeploy-icon"
            aria-label={trans.__('Remove %1', one.zone)}
            onClick={() =>
              set({ zones: draft.zones.filter(old => old !== one) })
            }
          >
            <closeIcon.react tag="span" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="jp-NodeDeploy-button"
        onClick={() =>
          set({ zones: [...draft.zones, emptyZone(zones[0]?.id ?? 'local')] })
        }
      >
        <addIcon.react tag="span" /> {trans.__('Add availability zone')}
      </button>
    </fieldset>
  );
}

/**
 * Who may call: the folders whose tokens are accepted.
 */
export function AccessList(props: IProps & { folders: Folder[] }): JSX.Element {
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
