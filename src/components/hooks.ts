import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { messageOf } from '../api/error';
import { useUi } from './ui';

/**
 * Renders again on each emission.
 */
export function useSignal<S, A>(signal: ISignal<S, A>): void {
  const [, count] = React.useReducer((times: number) => times + 1, 0);
  React.useEffect(() => {
    const slot = () => count();
    signal.connect(slot);
    return () => {
      signal.disconnect(slot);
    };
  }, [signal]);
}

/**
 * What the server has now, or why it can't be had; the last value stays while a new one comes.
 */
interface ILoaded<T> {
  value: T | null;
  error: string | null;
}

/**
 * Reads something of a checkpoint or a node, and again whenever that may have changed.
 */
export function useLoaded<T>(
  kind: 'checkpoint' | 'node',
  id: string,
  load: () => Promise<T>
): ILoaded<T> {
  const { store } = useUi();
  const [loaded, setLoaded] = React.useState<ILoaded<T>>({
    value: null,
    error: null
  });
  React.useEffect(() => {
    let current = 0;
    const read = async () => {
      const mine = ++current;
      try {
        const value = await load();
        if (mine === current) {
          setLoaded({ value, error: null });
        }
      } catch (error) {
        if (mine === current) {
          setLoaded(({ value }) => ({ value, error: messageOf(error) }));
        }
      }
    };
    const slot = (_: unknown, change: { kind?: string; id?: string }) => {
      if (!change.id || (change.kind === kind && change.id === id)) {
        void read();
      }
    };
    void read();
    store.changed.connect(slot);
    return () => {
      current = -1;
      store.changed.disconnect(slot);
    };
  }, [kind, id]);
  return loaded;
}

/**
 * Names of folders for ids; the id where the name is not known.
 */
export function useFolderNames(): (id: string) => string {
  const { client } = useUi().store;
  const [names, setNames] = React.useState(new Map<string, string>());
  React.useEffect(() => {
    client.folders().then(
      found => setNames(new Map(found.map(one => [one.id, one.name]))),
      () => undefined // The ids do, too.
    );
  }, []);
  return id => names.get(id) ?? id;
}

/**
 * The time, renewed every `seconds`.
 */
export function useNow(seconds = 20): number {
  const [now, setNow] = React.useState(Date.now());
  React.useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000 * seconds);
    return () => window.clearInterval(timer);
  }, [seconds]);
  return now;
}
