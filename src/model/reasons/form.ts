import type { Messages } from './write';

/** What is wrong with a form, and with what it names. */
export const FORM: Messages = {
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
  INT_FROM_FLOAT: t => t.__('Must be a whole number')
};
