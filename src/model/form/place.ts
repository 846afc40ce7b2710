import { UUID } from '@lumino/coreutils';

import type { Provisioning } from '../../api/schema';
import type { Reader } from './reader';

/**
 * A zone that instances are put in.
 */
export interface IZoneDraft {
  key: string;
  zone: string;
  subnet: string;
}

/**
 * How much of what, where.
 */
export interface IProvisioningDraft {
  configuration: string;
  instances: string;
  zones: IZoneDraft[];
  maintenanceLimit: string;
}

export function emptyZone(zone: string): IZoneDraft {
  return { key: UUID.uuid4(), zone, subnet: '' };
}

export function provisioningDraft(one: Provisioning): IProvisioningDraft {
  return {
    configuration: one.configuration,
    instances: String(one.instances),
    zones: one.zones.map(({ zone, subnet }) => ({
      ...emptyZone(zone),
      subnet: subnet ?? ''
    })),
    maintenanceLimit: String(one.maintenance_limit)
  };
}

export function readProvisioning(
  draft: IProvisioningDraft,
  reader: Reader
): Provisioning {
  return {
    configuration: draft.configuration,
    instances: reader.number(draft.instances, 'provisioning.instances'),
    zones: draft.zones.map(one => ({
      zone: one.zone,
      subnet: one.subnet.trim() || null
    })),
    maintenance_limit: reader.number(
      draft.maintenanceLimit,
      'provisioning.maintenance_limit'
    )
  };
}
