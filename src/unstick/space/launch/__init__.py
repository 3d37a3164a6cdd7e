"""What the start command of a Space really does: which servers it starts, where they listen, and what
cannot be told.
"""

from unstick.space.launch.follow import launch_of
from unstick.space.launch.types import Flag, Launch, Server, Value, is_loopback, port_number

__all__ = ["Flag", "Launch", "Server", "Value", "is_loopback", "launch_of", "port_number"]
