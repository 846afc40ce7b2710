import { BACKEND } from './backend';
import { FORM } from './form';
import { GATEWAY } from './gateway';
import { KERNEL } from './kernel';
import { NODE } from './node';
import { REQUEST } from './request';
import { WARNING } from './warning';
import type { Messages } from './write';

/**
 * What the server's reasons mean (docs/api/errors.md), for the languages that it does not speak.
 */
export const MESSAGES: Messages = {
  ...NODE,
  ...BACKEND,
  ...FORM,
  ...REQUEST,
  ...GATEWAY,
  ...KERNEL,
  ...WARNING,
  MODE_UNKNOWN: (t, m) => t.__('There is no mode %1.', m('mode')),
  NOT_AUTHORIZED: (t, m) =>
    t.__('You are not authorized: %1 %2.', m('action'), m('resource')),
  UNFORESEEN: (t, m) =>
    t.__(
      'Something unforeseen went wrong (incident %1). The log of the Jupyter server has the details.',
      m('incident')
    )
};
