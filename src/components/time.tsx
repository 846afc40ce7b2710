import * as React from 'react';

import { useNow } from './hooks';
import { useUi } from './ui';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60]
];

/**
 * How long ago, in words of the language.
 */
function ago(seconds: number, language: string, now: string): string {
  for (const [unit, size] of UNITS) {
    if (seconds >= size) {
      return new Intl.RelativeTimeFormat(language, {
        numeric: 'auto',
        style: 'short'
      }).format(-Math.floor(seconds / size), unit);
    }
  }
  return now;
}

/**
 * How long ago; on hover, when (UTC).
 */
export function Time({ at }: { at: number }): JSX.Element {
  const { language, trans } = useUi();
  const now = useNow();
  const date = new Date(1000 * at);
  return (
    <time
      dateTime={date.toISOString()}
      title={`${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`}
    >
      {ago(now / 1000 - at, language, trans.__('just now'))}
    </time>
  );
}
