import type { Messages } from './write';

/** What is wrong with a request to a node. */
export const REQUEST: Messages = {
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
  CELL_CRASHED: (t, m) => t.__('The cell did not finish: %1', m('cause'))
};
