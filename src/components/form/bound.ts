/**
 * Ties inputs to the fields of a draft: `field('idleTimeout')` gives the value, what changes it, and
 * the path by which the server names it, such as `docker.endpoint.idle_timeout`.
 */
export function bound<D>(
  draft: D,
  set: (change: Partial<D>) => void,
  path?: string
) {
  return <K extends keyof D & string>(name: K) => ({
    path: [path, snake(name)].filter(Boolean).join('.'),
    value: draft[name],
    onChange: (value: D[K]) => set({ [name]: value } as unknown as Partial<D>)
  });
}

/**
 * Changes a part of a draft that is a draft itself.
 */
export function within<D, K extends keyof D>(
  draft: D,
  set: (change: Partial<D>) => void,
  name: K
): (change: Partial<D[K]>) => void {
  return change =>
    set({ [name]: { ...draft[name], ...change } } as unknown as Partial<D>);
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}
