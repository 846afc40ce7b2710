import type { SavedVariable } from '../../api/schema';
import { differences } from '../compare';

const variable = (name: string, preview: string, size = 1) =>
  ({ name, preview, size, type: 'int' }) as SavedVariable;

describe('differences', () => {
  it('tells what came, went and changed, by name', () => {
    const before = [
      variable('gone', '1'),
      variable('same', '1'),
      variable('grown', '1', 1),
      variable('changed', '1')
    ];
    const after = [
      variable('same', '1'),
      variable('grown', '1', 2),
      variable('changed', '2'),
      variable('came', '1')
    ];
    expect(
      differences(before, after).map(({ name, kind }) => [name, kind])
    ).toEqual([
      ['came', 'added'],
      ['changed', 'changed'],
      ['gone', 'removed'],
      ['grown', 'changed']
    ]);
  });

  it('goes by the content where that is known', () => {
    const saved = (name: string, content: string) => ({
      ...variable(name, '1'),
      content
    });
    const before = [saved('a', '1'), saved('b', '1'), variable('c', '1')];
    const after = [saved('a', '1'), saved('b', '2'), saved('c', '2')];
    expect(differences(before, after).map(one => one.name)).toEqual(['b']);
  });

  it('is nothing for the same', () => {
    expect(differences([variable('a', '1')], [variable('a', '1')])).toEqual([]);
  });
});
