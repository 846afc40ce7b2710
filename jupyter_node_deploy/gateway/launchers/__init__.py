"""What runs HAProxy, and which program that is: a process or a container."""
