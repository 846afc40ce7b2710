"""What should run: nodes, their revisions and bundles, and the reconciler that brings it about."""
