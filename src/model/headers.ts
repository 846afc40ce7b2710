/**
 * HTTP headers as people type them: `Name: value`, one in a line; what has no colon is left out.
 */
export function headersOf(typed: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of typed.split('\n')) {
    const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name) {
      found[name] = value;
    }
  }
  return found;
}
