import type { SliceGroup } from '../../api/schema';
import { choose } from '../form/carried';

const NOTHING = { carry: [], leaveOut: [] };

function group(names: string[], used: boolean, carried = used): SliceGroup {
  return { names, size: 1, used, carried, inputs: [] };
}

describe('choose', () => {
  it('leaves out all that share objects, and takes them back without a trace', () => {
    const pair = group(['table', 'view'], true);
    const without = choose(NOTHING, pair, false);
    expect(without).toEqual({ carry: [], leaveOut: ['table', 'view'] });
    expect(choose(without, pair, true)).toEqual(NOTHING);
  });

  it('adds what the cell does not use, and drops it again without a trace', () => {
    const other = group(['other'], false);
    const added = choose(NOTHING, other, true);
    expect(added).toEqual({ carry: ['other'], leaveOut: [] });
    expect(choose(added, other, false)).toEqual(NOTHING);
  });

  it('asks for what only something left out uses', () => {
    const left = { carry: [], leaveOut: ['function'] };
    const used = group(['rates'], true, false);
    expect(choose(left, used, true)).toEqual({
      carry: ['rates'],
      leaveOut: ['function']
    });
  });
});
