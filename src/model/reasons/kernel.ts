import type { Messages } from './write';

/** Kernels. */
export const KERNEL: Messages = {
  KERNEL_BUSY: t => t.__('The kernel is busy. Try again when it is idle.'),
  KERNEL_DEAD: t =>
    t.__('The kernel is dead. Restart it (menu Kernel) and try again.'),
  KERNEL_FAILED: (t, m) => t.__('The kernel could not do it: %1', m('cause')),
  KERNEL_REFUSED: (t, m) => t.__('The kernel refused: %1', m('cause')),
  KERNEL_HAS_NO_AGENT: (t, m) =>
    t.__('The kernel makes no checkpoints. %1', m('cause')),
  KERNEL_GONE: t => t.__('The kernel is gone.'),
  KERNEL_NOT_FOUND: t => t.__('The server runs no such kernel.'),
  KERNEL_NOT_PYTHON: t =>
    t.__('Checkpoints are made of Python kernels of this server only.'),
  KERNEL_TIMEOUT: (t, m) =>
    t.__('The kernel did not finish within %1 seconds.', m('seconds'))
};
