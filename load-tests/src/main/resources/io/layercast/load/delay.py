"""A wire between two network namespaces that takes its time; this kernel has no netem.

delay.py NAMESPACE DEVICE NAMESPACE DEVICE MILLISECONDS: makes both devices (tap) and passes each
frame on after so long, in order. Prints "ready". Ends with its standard input.
"""
import collections
import ctypes
import fcntl
import os
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
TAP_WITHOUT_HEADER = 0x0002 | 0x1000
FRAME_BYTES = 65_536
QUEUE_FRAMES = 20_000


def tap(namespace, device):
    handle = os.open("/run/netns/" + namespace, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(handle, CLONE_NEWNET) != 0:
        sys.exit("cannot enter " + namespace + ": " + os.strerror(ctypes.get_errno()))
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", device.encode(), TAP_WITHOUT_HEADER))
    return end


def main():
    ends = [tap(*sys.argv[1:3]), tap(*sys.argv[3:5])]
    delay = float(sys.argv[5]) / 1000
    queues = {ends[0]: collections.deque(), ends[1]: collections.deque()}
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        for end, queue in queues.items():
            while queue and queue[0][0] <= now:
                try:
                    os.write(end, queue.popleft()[1])
                except OSError:
                    pass  # a device that is down loses its frames
        due = min((queue[0][0] for queue in queues.values() if queue), default=now + 1)
        readable, _, _ = select.select(ends + [sys.stdin], [], [], max(0, due - now))
        if sys.stdin in readable:
            return
        for end in readable:
            frame = os.read(end, FRAME_BYTES)
            queue = queues[other[end]]
            if len(queue) < QUEUE_FRAMES:
                queue.append((time.monotonic() + delay, frame))


main()
