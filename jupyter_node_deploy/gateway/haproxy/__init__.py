"""The production gateway: HAProxy, configured by files and changed through its runtime API."""
