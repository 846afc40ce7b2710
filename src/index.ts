import { commands } from './plugins/commands';
import { main } from './plugins/main';
import { pages } from './plugins/pages';
import { panel } from './plugins/panel';
import { settings } from './plugins/settings';
import { store } from './plugins/store';

export { INodeDeploy } from './tokens';

export default [main, store, pages, panel, commands, settings];
