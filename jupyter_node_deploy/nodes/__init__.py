"""What should run: specs, revisions, statuses, the bundle and the reconciler."""
