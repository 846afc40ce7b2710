import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * Writes a message; `m` gives the metadata by name.
 */
type Write = (t: TranslationBundle, m: (name: string) => string) => string;

/**
 * What the server's reasons mean (docs/api/errors.md), for the languages that it does not speak.
 */
export const MESSAGES: Record<string, Write | undefined> = {
  // How a node is.
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
  STOPPED_WITH_SERVER: t =>
    t.__(
      'It was stopped together with the Jupyter server, and starts again with it.'
    ),
  TEST_NEEDS_HTTP1: t =>
    t.__(
      'Test requests speak HTTP/1.1: send this one to the gateway with a client of the protocol of the node.'
    ),

  // What is wrong with a form.
  REQUEST_INVALID: t => t.__('Some fields need another look.'),
  NODE_NAME_TAKEN: (t, m) => t.__('There is a node %1 already.', m('name')),
  CHECKPOINT_NAME_TAKEN: (t, m) =>
    t.__('Another checkpoint is pinned as %1.', m('name')),
  CHECKPOINT_NOT_FOUND: (t, m) =>
    t.__(
      'There is no checkpoint %1: it never existed, was deleted, or rotated out.',
      m('checkpoint')
    ),
  CHECKPOINT_NOT_PINNED: t =>
    t.__('The checkpoint is not pinned. Pin it under a name first.'),
  CELL_DOES_NOT_COMPILE: t =>
    t.__('The cell of the checkpoint does not compile.'),
  DRY_RUN_FAILED: (t, m) =>
    t.__("The test run with the checkpoint's values failed. %1", m('cause')),
  VARIABLES_NOT_SAVED: (t, m) =>
    t.__(
      'The cell needs variables that could not be saved: %1.',
      m('variables')
    ),
  NODE_SECRET_NOT_FOUND: (t, m) =>
    t.__('The folder of the node has no secret %1.', m('secrets')),
  SECRET_IN_USE: (t, m) =>
    t.__(
      'The secret %1 is used by the nodes %2. Update or delete these first.',
      m('secret'),
      m('nodes')
    ),
  SECRET_VALUE_SIZE: (t, m) =>
    t.__('A value of a secret has 1 to %1 bytes.', m('limit')),
  FOLDER_NOT_FOUND: (t, m) => t.__('There is no folder %1.', m('folder')),
  NODE_NOT_FOUND: (t, m) => t.__('There is no node %1.', m('node')),
  NODE_HAS_ALIASES: (t, m) =>
    t.__(
      'The node %1 gets requests from the aliases %2. Delete these, or send their requests elsewhere first.',
      m('node'),
      m('aliases')
    ),
  NODE_UPDATED_MEANWHILE: t =>
    t.__('Somebody else has updated the node meanwhile. Try again.'),
  REVISION_IS_CURRENT: (t, m) =>
    t.__('Revision %1 is the current one already.', m('revision')),
  MISSING: t => t.__('Required'),
  GREATER_THAN: (t, m) => t.__('Must be greater than %1', m('gt')),
  GREATER_THAN_EQUAL: (t, m) => t.__('Must be at least %1', m('ge')),
  LESS_THAN: (t, m) => t.__('Must be less than %1', m('lt')),
  LESS_THAN_EQUAL: (t, m) => t.__('Must be at most %1', m('le')),
  STRING_TOO_LONG: (t, m) =>
    t.__('Must have at most %1 characters', m('max_length')),
  INT_FROM_FLOAT: t => t.__('Must be a whole number'),

  // What is wrong with a request to a node.
  INPUT_INVALID: t => t.__('The input does not match what the node declares.'),
  CELL_RAISED: (t, m) =>
    t.__('The cell raised %1: %2', m('error_name'), m('error_message')),
  OUTPUT_NOT_SET: (t, m) =>
    t.__('The run did not set the output %1.', m('outputs')),

  // Kernels.
  KERNEL_BUSY: t => t.__('The kernel is busy. Try again when it is idle.'),
  KERNEL_GONE: t => t.__('The kernel is gone.'),
  KERNEL_NOT_FOUND: t => t.__('The server runs no such kernel.'),
  KERNEL_NOT_PYTHON: t =>
    t.__('Checkpoints are made of Python kernels of this server only.'),
  KERNEL_TIMEOUT: (t, m) =>
    t.__('The kernel did not finish within %1 seconds.', m('seconds')),

  UNFORESEEN: (t, m) =>
    t.__(
      'Something unforeseen went wrong (incident %1). The log of the Jupyter server has the details.',
      m('incident')
    )
};
