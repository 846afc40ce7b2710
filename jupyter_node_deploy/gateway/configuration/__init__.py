"""Routes as HAProxy's configuration and maps: pure functions of values."""
