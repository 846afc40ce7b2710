import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * Writes a message; `m` gives the metadata by name.
 */
type Write = (t: TranslationBundle, m: (name: string) => string) => string;

/** Messages by the server's reasons. */
export type Messages = Record<string, Write | undefined>;
