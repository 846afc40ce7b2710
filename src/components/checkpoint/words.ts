import type { TranslationBundle } from '@jupyterlab/translation';

import type { Operation } from '../../api/schema';

/**
 * What made the checkpoint, in the user's language.
 */
export function operationWord(
  operation: Operation,
  trans: TranslationBundle
): string {
  switch (operation) {
    case 'Cell run':
      return trans.__('Cell run');
    case 'Forced':
      return trans.__('Forced');
    case 'Rollback':
      return trans.__('Rollback');
  }
}
