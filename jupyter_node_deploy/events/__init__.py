"""Events on Jupyter's event stream: what changed, so that nobody has to poll."""
