import type { Messages } from './write';

/** How a node is, and what is wrong with a revision. */
export const NODE: Messages = {
  NODE_CREATED: t => t.__('Its first instance is about to start.'),
  NODE_ABOUT_TO_START: t => t.__('It is about to start.'),
  NODE_STARTING: t => t.__('It is starting.'),
  NODE_GETTING_READY: t => t.__('It is getting ready.'),
  NODE_STARTING_AGAIN: (t, m) =>
    t.__('It is starting after a failure. %1', m('cause')),
  NODE_IS_BEING_DELETED: t => t.__('It is being deleted.'),
  NODE_SUSPENDED: t =>
    t.__('The node is suspended. Resume it to take requests.'),
  NODE_FAILED: (t, m) =>
    t.__(
      '%1 It is tried again from time to time; update, resume or delete the node.',
      m('cause')
    ),
  NODE_NOT_HEALTHY: (t, m) =>
    t.__('The node %1 is %2. %3', m('node'), m('status'), m('cause')),
  NO_INSTANCE_HEALTHY: (t, m) => t.__('No instance is healthy. %1', m('cause')),
  SOME_INSTANCES_HEALTHY: (t, m) =>
    t.__(
      'Healthy instances: %1 of %2. %3',
      m('healthy'),
      m('wanted'),
      m('cause')
    ),
  INSTANCE_FAILED: (t, m) =>
    t.__('Failures in a row: %1. %2', m('count'), m('cause')),
  INSTANCE_NOT_READY: (t, m) =>
    t.__('It was not ready after %1 seconds.', m('seconds')),
  INSTANCE_TIMEOUT: (t, m) =>
    t.__('The instance did not answer within %1 s.', m('seconds')),
  REVISION_GIVEN_UP: (t, m) =>
    t.__(
      'It did not become healthy, so revision %1 was kept. %2',
      m('kept'),
      m('cause')
    ),
  REVISION_STARTING: (t, m) =>
    t.__(
      'Revision %1 is starting; revision %2 serves. %3',
      m('revision'),
      m('serving'),
      m('cause')
    ),
  REVISION_REPLACING: (t, m) =>
    t.__(
      'Revision %1 replaces revision %2. Instances so far: %3 of %4. %5',
      m('revision'),
      m('replaced'),
      m('ready'),
      m('wanted'),
      m('cause')
    ),
  REVISION_SAYS: (t, m) => t.__('Revision %1: %2', m('revision'), m('cause')),
  NODE_NOT_SETTLED: (t, m) =>
    t.__(
      'The node %1 is %2 after %3 seconds.',
      m('node'),
      m('status'),
      m('seconds')
    ),
  INSTANCE_GONE: t => t.__('The instance is gone. Try again.'),
  INSTANCE_NOT_FOUND: (t, m) =>
    t.__('The node has no instance %1.', m('instance')),
  BUNDLE_MISSING: (t, m) =>
    t.__(
      'The files of revision %1 are missing. Update the node.',
      m('revision')
    ),
  ROUTES_NOT_PUBLISHED: (t, m) =>
    t.__('The gateway did not take the new routes. %1', m('cause')),
  STOPPED_WITH_SERVER: t =>
    t.__(
      'It was stopped together with the Jupyter server, and starts again with it.'
    ),
  TEST_NEEDS_HTTP1: t =>
    t.__(
      'Test requests speak HTTP/1.1: send this one to the gateway with a client of the protocol of the node.'
    ),
  REVISION_IS_CURRENT: (t, m) =>
    t.__('Revision %1 is the current one already.', m('revision')),
  REVISION_NOT_FOUND: (t, m) =>
    t.__('The node has no revision %1.', m('revision')),
  REVISION_MISSING: (t, m) => t.__('Revision %1 is missing.', m('revision')),
  REVISION_SECRETS_GONE: (t, m) =>
    t.__(
      'Revision %1 needs secrets that are gone: %2. Set them again first.',
      m('revision'),
      m('secrets')
    ),
  NO_EARLIER_REVISION: t => t.__('The node has no revision to go back to.')
};
