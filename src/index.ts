import { main } from './plugins/main';

export default [main];
