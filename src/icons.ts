import { LabIcon } from '@jupyterlab/ui-components';

/**
 * A cell whose arrow goes out to a round node.
 */
export const nodeIcon = new LabIcon({
  name: 'jupyter-node-deploy:node',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M4 4h9v2H5v12h8v2H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z"/>
    <path d="M8 11h6.2a3.5 3.5 0 1 1 0 2H8z"/>
  </g>
</svg>`
});

/**
 * A pin, as for checkpoints that stay.
 */
export const pinIcon = new LabIcon({
  name: 'jupyter-node-deploy:pin',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M16 9V4h1V2H7v2h1v5a3 3 0 0 1-3 3v2h6v7l1 1 1-1v-7h6v-2a3 3 0 0 1-3-3z"/>
</svg>`
});
