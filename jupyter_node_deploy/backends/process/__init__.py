"""The process backend: each instance is a front process with its workers, on this machine."""
