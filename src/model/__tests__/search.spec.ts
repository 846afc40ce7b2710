import { Search } from '../search';

describe('Search', () => {
  it('wants every word, in any case and order', () => {
    const search = new Search();
    expect(search.matches('anything')).toBe(true);
    search.text = 'Random cell';
    expect(search.matches('Cell run\nrandomizer.ipynb')).toBe(true);
    expect(search.matches('Forced\nrandomizer.ipynb')).toBe(false);
  });

  it('tells of each change once', () => {
    const search = new Search();
    let told = 0;
    search.changed.connect(() => told++);
    search.text = 'a';
    search.text = 'a';
    expect(told).toBe(1);
  });
});
