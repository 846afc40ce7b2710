import type { Messages } from './write';

/** What to know of a checkpoint before a node is made from it. */
export const WARNING: Messages = {
  CELL_RAISED_IN_CHECKPOINT: t =>
    t.__(
      'The cell raised an error in this checkpoint; the node is made only if a run works.'
    ),
  ALL_VARIABLES_GO_ALONG: t =>
    t.__(
      'The cell uses code that may reach any variable (exec, globals() and the like), so all saved variables go along.'
    ),
  VARIABLES_PERHAPS_MISSED: (t, m) =>
    t.__('Could not be saved, and the cell might need it: %1.', m('variables')),
  MODULE_VARIABLES_CHANGED: (t, m) =>
    t.__(
      '%1 changed after the module was imported, and can not be saved. A node imports it anew: set such values in the cell, or in the file.',
      m('variables')
    ),
  MODULE_FILES_EDITED: (t, m) =>
    t.__(
      '%1 was edited after it was imported, and goes along as it is now: restart the kernel, and run the cell again.',
      m('files')
    ),
  LARGE_VARIABLES_GO_ALONG: (t, m) =>
    t.__(
      '%1 is large and goes along; add it to the inputs if requests should set it.',
      m('variables')
    ),
  NO_INPUT_FOUND: t =>
    t.__(
      'The cell reads no variable that a request could set, so it has no inputs.'
    ),
  NO_OUTPUT_FOUND: t =>
    t.__(
      'The cell assigns no variable that can be returned as JSON: assign the result to a name in the cell, and declare that as the output.'
    ),
  PACKAGES_OF_THIS_MACHINE: (t, m) =>
    t.__(
      'Installed from this machine, so no package index has it: %1.',
      m('packages')
    ),
  MODULES_WITHOUT_PACKAGE: (t, m) =>
    t.__('No installed package was found for the module %1.', m('modules'))
};
