/**
 * Messages by the dotted path of the field, as the server names fields: `cell.inputs.0.schema`.
 */
export type FieldErrors = Record<string, string>;

/**
 * The server's refusal by field; `cell.inputs[0].schema` and `node.cell…` are understood too.
 */
export function fieldErrors(
  details: { path?: string; message?: string }[]
): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message } of details) {
    if (path) {
      const field = path.replace(/\[(\d+)\]/g, '.$1').replace(/^node\./, '');
      errors[field] ??= message ?? '';
    }
  }
  return errors;
}
