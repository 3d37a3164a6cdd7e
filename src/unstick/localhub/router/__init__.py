"""The router: requests to the host name of a Space go to its app, on the hub's own port.

It is written here, and no proxy of somebody else, because of what it has to do beside passing bytes on: the API is
on the same port; connections to the app come as file descriptors out of another network namespace; the target
changes while versions change, with pages by stage; visits wake; private Spaces are known to the database; faults
act in it. nginx, Caddy and Traefik would need a program beside them for each of these, and would have to be
installed. A proxy that is an ASGI application gets neither the bytes of a WebSocket nor answers before the answer
(1xx) through its interface. What is hard about a proxy, the framing of HTTP, is h11's.
"""
