"""A module as none of ours may be: importing it opens a socket and starts a thread."""

import socket
import threading

socket.socket().close()
threading.Thread(target=int).start()
