import * as React from 'react';

import type { FieldErrors } from '../../model/form/errors';
import { useUi } from '../ui';

/**
 * A field with an error, as it is on the screen.
 */
interface IWrong {
  path: string;
  label: string;
  message: string;
  /** None where the form has no such field. */
  element: HTMLElement | null;
}

/**
 * Why the form was not taken: what concerns no field, and the way to each field that is wrong.
 */
export function Refusal(props: {
  message: string;
  errors: FieldErrors;
  form: React.RefObject<HTMLFormElement>;
}): JSX.Element {
  const { trans } = useUi();
  const { message, errors, form } = props;
  const [found, setFound] = React.useState<IWrong[]>([]);
  React.useEffect(() => {
    setFound(
      Object.entries(errors).map(([path, text]) => ({
        path,
        message: text,
        ...shown(form.current, path)
      }))
    );
  }, [errors]);
  const lost = found.filter(one => !one.element);
  const fields = found.filter(one => one.element);
  return (
    <div role="alert">
      {message && <p className="jp-NodeDeploy-error">{message}</p>}
      {lost.map(one => (
        <p key={one.path} className="jp-NodeDeploy-error">
          <code>{one.path}</code>: {one.message}
        </p>
      ))}
      {fields.length > 0 && (
        <p className="jp-NodeDeploy-error">
          {trans.__('Some fields need another look.')}{' '}
          {fields.map((one, index) => (
            <React.Fragment key={one.path}>
              {index > 0 && ', '}
              <button
                type="button"
                className="jp-NodeDeploy-link"
                onClick={() => focus(one.element!)}
              >
                {one.label}
              </button>
            </React.Fragment>
          ))}
        </p>
      )}
    </div>
  );
}

/**
 * The field of a path where its error is shown.
 */
function shown(
  form: HTMLFormElement | null,
  path: string
): Pick<IWrong, 'label' | 'element'> {
  const error = [...(form?.querySelectorAll('[data-path]') ?? [])].find(
    one => one.getAttribute('data-path') === path
  );
  const field = error?.closest(
    '.jp-NodeDeploy-field, [role="group"], fieldset, section, details'
  );
  const element = field?.querySelector<HTMLElement>(
    'input, select, textarea, button'
  );
  // The first child: after it comes whether the field is required.
  const name = field?.querySelector('label, legend, h2')?.firstChild;
  return { label: name?.textContent ?? path, element: element ?? null };
}

/**
 * Brings the focus to a field, folded away or not.
 */
function focus(element: HTMLElement): void {
  let fold = element.closest('details');
  while (fold) {
    fold.open = true;
    fold = fold.parentElement!.closest('details');
  }
  element.focus();
}
