import type { Messages } from './write';

/** What the gateway says to callers. */
export const GATEWAY: Messages = {
  TOKEN_MISSING: t =>
    t.__('There is no token: send the header Authorization: Bearer <token>.'),
  TOKEN_INVALID: t => t.__('The token is not valid.'),
  TOKEN_EXPIRED: t => t.__('The token has expired; issue a new one.'),
  TOKEN_REVOKED: t => t.__('The token was revoked; issue a new one.'),
  TOKEN_OF_OTHER_FOLDER: t =>
    t.__('The token is for another folder than the one in x-folder-id.'),
  FOLDER_HAS_NO_ACCESS: t =>
    t.__('The folder of the token is in no access control list.'),
  GATEWAY_HAS_NO_KEY: t =>
    t.__('The gateway has no public key yet, so it can not verify tokens.'),
  NODE_OR_ALIAS: t => t.__('Send x-node-id or x-node-alias, not both.'),
  ALIAS_HAS_NO_NODE: (t, m) => t.__('The alias %1 has no node.', m('alias')),
  NODE_NOT_READY: (t, m) =>
    t.__(
      'No instance takes requests: %1 is %2. %3',
      m('subject'),
      m('status'),
      m('cause')
    ),
  NO_CONTAINER_ENGINE: (t, m) =>
    t.__(
      '%1 runs a Docker image, and the process backend has no container engine. %2',
      m('subject'),
      m('cause')
    ),
  NO_INSTANCE_ACCEPTS: (t, m) =>
    t.__('%1 has no healthy instance: none accepts connections.', m('subject')),
  REQUEST_NOT_TAKEN: (t, m) =>
    t.__('No instance took the request within %1 s.', m('seconds')),
  ANSWER_CUT_OFF: t =>
    t.__(
      'The instance ended the connection before its answer was whole; the request may have been carried out.'
    ),
  QUEUE_FULL: t => t.__('The queue is full; try again later.'),
  REQUEST_LATE: t => t.__('The request did not arrive in time.'),
  NOT_HTTP: t => t.__('This is not a valid HTTP request.'),
  HEAD_TOO_LARGE: (t, m) =>
    t.__('The head of the request is over %1 bytes.', m('limit')),
  NO_SUCH_PATH: t => t.__('There is no such path.')
};
