"""The running instances of a node, asked past the gateway."""
