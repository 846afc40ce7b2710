"""What was run: checkpoints, their values, and the kernels that make them."""
