"""The control API: one route table, thin handlers, and the OpenAPI document made from both."""
