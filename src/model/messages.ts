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

  // What is wrong with a revision.
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
  NO_EARLIER_REVISION: t => t.__('The node has no revision to go back to.'),

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
  CHECKPOINT_NAME_INVALID: t =>
    t.__('The name of a checkpoint is a short text on one line.'),
  CHECKPOINT_DAMAGED: (t, m) =>
    t.__(
      'The data of the checkpoint is damaged. %1 Run the cell again and pin the new checkpoint.',
      m('cause')
    ),
  CHECKPOINT_NOT_TAKEN_IN: (t, m) =>
    t.__(
      'The kernel made the checkpoint %1, but it could not be kept. Is the disk full?',
      m('checkpoint')
    ),
  CHECKPOINT_OF_OTHER_PYTHON: (t, m) =>
    t.__(
      'The checkpoint was made with Python %1, the kernel runs %2. Choose a kernel with the same Python.',
      m('checkpoint_python'),
      m('kernel_python')
    ),
  BLOB_CORRUPTED: (t, m) => t.__('The saved value %1 is corrupted.', m('blob')),
  BLOB_MISSING: (t, m) => t.__('The saved value %1 is missing.', m('blob')),
  CELL_DOES_NOT_COMPILE: t =>
    t.__('The cell of the checkpoint does not compile.'),
  DRY_RUN_FAILED: (t, m) =>
    t.__("The test run with the checkpoint's values failed. %1", m('cause')),
  VARIABLES_NOT_SAVED: (t, m) =>
    t.__(
      'The cell needs variables that could not be saved: %1.',
      m('variables')
    ),
  RANDOM_STATE_NOT_SAVED: t =>
    t.__(
      'The checkpoint has no state of the random generators. Run the cell again and pin the new checkpoint, or let requests have new random numbers.'
    ),
  SCHEMA_INVALID: (t, m) =>
    t.__('The JSON Schema at %1 is not valid: %2', m('path'), m('cause')),
  PROVISIONING_NOT_OFFERED: t =>
    t.__('The provisioning names what is not offered here.'),
  CONFIGURATION_NOT_OFFERED: (t, m) =>
    t.__(
      'The configuration %1 is not on offer any more. Choose another one.',
      m('configuration')
    ),
  ACL_FOLDER_NOT_FOUND: t =>
    t.__('The access control list has folders that do not exist.'),
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
  SECRET_NAME_INVALID: t =>
    t.__(
      'The name of a secret has 3 to 63 Latin letters, digits, hyphens and underscores, begins with a letter and ends with a letter or a digit.'
    ),
  SECRET_NOT_FOUND: (t, m) => t.__('There is no secret %1.', m('secret')),
  SECRET_NOT_READABLE: (t, m) =>
    t.__(
      'The secret %1 can not be decrypted. Set its value again.',
      m('secret')
    ),
  SECRETS_KEY_DAMAGED: t =>
    t.__(
      'The key of the secrets is damaged. Restore it from a backup, or delete it and set all secrets again.'
    ),
  TOKEN_NOT_FOUND: (t, m) => t.__('There is no token %1.', m('token')),
  TOKEN_TTL_INVALID: (t, m) =>
    t.__('A token is valid for 1 to %1 seconds.', m('limit')),
  FOLDER_NOT_FOUND: (t, m) => t.__('There is no folder %1.', m('folder')),
  FOLDER_NAME_TAKEN: (t, m) => t.__('There is a folder %1 already.', m('name')),
  FOLDER_IN_USE: (t, m) =>
    t.__(
      'The folder %1 is in use: %2. Move or delete these first.',
      m('folder'),
      m('uses')
    ),
  FOLDER_DELETED_MEANWHILE: t => t.__('The folder was deleted meanwhile.'),
  FOLDER_MISMATCH: t =>
    t.__(
      'The token was issued for another folder than the one of the request.'
    ),
  NODE_NOT_FOUND: (t, m) => t.__('There is no node %1.', m('node')),
  NODE_HAS_ALIASES: (t, m) =>
    t.__(
      'The node %1 gets requests from the aliases %2. Delete these, or send their requests elsewhere first.',
      m('node'),
      m('aliases')
    ),
  ALIAS_NAME_TAKEN: (t, m) => t.__('There is an alias %1 already.', m('name')),
  ALIAS_NOT_FOUND: (t, m) => t.__('There is no alias %1.', m('alias')),
  ALIAS_TARGET_NOT_FOUND: t => t.__('The alias names nodes that do not exist.'),
  NODE_UPDATED_MEANWHILE: t =>
    t.__('Somebody else has updated the node meanwhile. Try again.'),
  MISSING: t => t.__('Required'),
  GREATER_THAN: (t, m) => t.__('Must be greater than %1', m('gt')),
  GREATER_THAN_EQUAL: (t, m) => t.__('Must be at least %1', m('ge')),
  LESS_THAN: (t, m) => t.__('Must be less than %1', m('lt')),
  LESS_THAN_EQUAL: (t, m) => t.__('Must be at most %1', m('le')),
  STRING_TOO_LONG: (t, m) =>
    t.__('Must have at most %1 characters', m('max_length')),
  STRING_PATTERN_MISMATCH: (t, m) =>
    t.__('Must match the pattern %1', m('pattern')),
  INT_FROM_FLOAT: t => t.__('Must be a whole number'),

  // What is wrong with a request to a node.
  INPUT_INVALID: t => t.__('The input does not match what the node declares.'),
  BODY_NOT_JSON: (t, m) => t.__('The body is not valid JSON: %1', m('cause')),
  BODY_NOT_AN_OBJECT: t => t.__('The body must be a JSON object.'),
  BODY_TOO_LARGE: (t, m) =>
    t.__('The body is larger than %1 bytes.', m('limit')),
  PATH_NOT_FOUND: (t, m) => t.__('There is nothing at %1.', m('path')),
  CELL_RAISED: (t, m) =>
    t.__('The cell raised %1: %2', m('error_name'), m('error_message')),
  OUTPUT_NOT_SET: (t, m) =>
    t.__('The run did not set the output %1.', m('outputs')),
  OUTPUT_INVALID: t => t.__('The output does not match its schema.'),
  OUTPUT_HAS_NO_JSON: (t, m) =>
    t.__('%1 has no JSON form, or not the declared one.', m('path')),
  OUTPUT_TOO_LARGE: (t, m) =>
    t.__(
      'The answer has %1 bytes, the limit of the node is %2.',
      m('size'),
      m('limit')
    ),
  CELL_CRASHED: (t, m) => t.__('The cell did not finish: %1', m('cause')),

  // Kernels.
  KERNEL_BUSY: t => t.__('The kernel is busy. Try again when it is idle.'),
  KERNEL_DEAD: t =>
    t.__('The kernel is dead. Restart it (menu Kernel) and try again.'),
  KERNEL_FAILED: (t, m) => t.__('The kernel could not do it: %1', m('cause')),
  KERNEL_REFUSED: (t, m) => t.__('The kernel refused: %1', m('cause')),
  KERNEL_HAS_NO_AGENT: (t, m) =>
    t.__('The kernel makes no checkpoints. %1', m('cause')),
  KERNEL_GONE: t => t.__('The kernel is gone.'),
  KERNEL_NOT_FOUND: t => t.__('The server runs no such kernel.'),
  KERNEL_NOT_PYTHON: t =>
    t.__('Checkpoints are made of Python kernels of this server only.'),
  KERNEL_TIMEOUT: (t, m) =>
    t.__('The kernel did not finish within %1 seconds.', m('seconds')),

  MODE_UNKNOWN: (t, m) => t.__('There is no mode %1.', m('mode')),
  NOT_AUTHORIZED: (t, m) =>
    t.__('You are not authorized: %1 %2.', m('action'), m('resource')),
  UNFORESEEN: (t, m) =>
    t.__(
      'Something unforeseen went wrong (incident %1). The log of the Jupyter server has the details.',
      m('incident')
    )
};
