"""The reconciler: brings what runs to what the catalog says should run."""
