"""Loopback ports: free ones, and whether a wanted one is."""

import socket


class PortTaken(Exception):
    """Somebody else listens on the wanted port."""


def reserved(host: str, port: int) -> socket.socket:
    """A socket that holds the port (a free one for 0) without listening, so that nobody takes it meanwhile.

    The server binds with SO_REUSEPORT, which would silently share a port with another server of ours: the
    first, exclusive bind finds that out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}") from error
        port = probe.getsockname()[1]
    holder = socket.socket(family, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind((host, port))
    return holder


def chosen(host: str, wanted: int) -> int:
    """The wanted port if it is free, else any free one; 0 wants none in particular."""
    try:
        with reserved(host, wanted) as holder:
            port: int = holder.getsockname()[1]
    except PortTaken:
        return chosen(host, 0)
    return port
