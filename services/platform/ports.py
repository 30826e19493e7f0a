"""Loopback ports: free ones, and whether a wanted one is."""

import socket


class PortTaken(Exception):
    """Somebody else listens on the wanted port."""


def reserved(host: str, port: int) -> socket.socket:
    """A socket bound to the port (a free one for 0), not yet listening: of two at once, one fails to."""
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind((host, port))
    except OSError as error:
        holder.close()
        raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return holder


def chosen(host: str, wanted: int) -> int:
    """The wanted port if it is free, else any free one; 0 wants none in particular."""
    try:
        with reserved(host, wanted) as holder:
            port: int = holder.getsockname()[1]
    except PortTaken:
        return chosen(host, 0)
    return port
