import type { VariableInfo } from '../../api/schema';
import { differences } from '../compare';

const variable = (name: string, preview: string, size = 1) =>
  ({ name, preview, size, type: 'int' }) as VariableInfo;

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

  it('is nothing for the same', () => {
    expect(differences([variable('a', '1')], [variable('a', '1')])).toEqual([]);
  });
});
