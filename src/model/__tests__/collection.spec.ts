import { Collection } from '../collection';

describe('Collection', () => {
  it('has no items before they came, and tells when they have', async () => {
    const list = new Collection(async () => ['a']);
    let told = 0;
    list.changed.connect(() => told++);
    expect(list.items).toBeNull();
    await list.refresh();
    expect(list.items).toEqual(['a']);
    expect(told).toBe(1);
  });

  it('keeps the items when the server refuses, and says why', async () => {
    let broken = false;
    const list = new Collection(async () => {
      if (broken) {
        throw new Error('The catalog is locked.');
      }
      return ['a'];
    });
    await list.refresh();
    broken = true;
    await list.refresh();
    expect(list.items).toEqual(['a']);
    expect(list.error).toBe('The catalog is locked.');
    broken = false;
    await list.refresh();
    expect(list.error).toBeNull();
  });

  it('asks once more, not once each, for calls during a request', async () => {
    let asked = 0;
    const list = new Collection(async () => [++asked]);
    await Promise.all([
      list.refresh(),
      list.refresh(),
      list.refresh(),
      list.refresh()
    ]);
    expect(asked).toBe(2);
    expect(list.items).toEqual([2]);
  });
});
