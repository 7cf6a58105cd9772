"""Messages of CoAP (RFC 7252), written and read by hand: what the tests send does not depend on any library."""
import socket

CON, NON, ACK, RST = range(4)
POST, PUT = 2, 3


def options_text(options):
    """Options as (number, bytes), in their order."""
    text, last = b"", 0
    for number, value in sorted(options, key=lambda option: option[0]):
        def nibble(length):
            return (length, b"") if length < 13 else (13, bytes([length - 13])) if length < 269 else (14, (length - 269).to_bytes(2, "big"))
        (delta, more_delta), (size, more_size) = nibble(number - last), nibble(len(value))
        text += bytes([delta << 4 | size]) + more_delta + more_size + value
        last = number
    return text


def number_value(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def request(kind, method, mid, token, path="/", payload=b"", options=()):
    given = [(11, segment.encode()) for segment in path.split("/") if segment] + list(options)
    head = bytes([1 << 6 | kind << 4 | len(token), method]) + mid.to_bytes(2, "big") + token
    return head + options_text(given) + (b"\xff" + payload if payload else b"")


class Answer:
    def __init__(self, data):
        self.kind, size = data[0] >> 4 & 3, data[0] & 15
        self.code = (data[1] >> 5) * 100 + (data[1] & 31)
        self.mid, self.token = int.from_bytes(data[2:4], "big"), data[4:4 + size]
        self.options, self.payload = {}, b""
        at, number = 4 + size, 0
        while at < len(data):
            if data[at] == 255:
                self.payload = data[at + 1:]
                break
            delta, length = data[at] >> 4, data[at] & 15
            at += 1
            if delta == 13:
                delta, at = 13 + data[at], at + 1
            elif delta == 14:
                delta, at = 269 + int.from_bytes(data[at:at + 2], "big"), at + 2
            if length == 13:
                length, at = 13 + data[at], at + 1
            elif length == 14:
                length, at = 269 + int.from_bytes(data[at:at + 2], "big"), at + 2
            number += delta
            self.options[number] = data[at:at + length]
            at += length

    def number(self, option):
        return int.from_bytes(self.options[option], "big") if option in self.options else None


class Peer:
    """A device with one port, which counts its messages."""

    def __init__(self, port, source=0):
        self.to = ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", source))
        self.mid = 0

    def next(self):
        self.mid = (self.mid + 1) % 65536
        return self.mid, self.mid.to_bytes(2, "big") + b"\x77"

    def exchange(self, message, wait=0.3, tries=1000):
        """Sends a message until an answer to it comes."""
        for _ in range(tries):
            try:
                self.socket.sendto(message, self.to)
                answer = self.receive(message[2:4], wait)
                if answer:
                    return answer
            except OSError:
                pass
        return None

    def receive(self, mid, wait):
        self.socket.settimeout(wait)
        while True:
            try:
                answer = Answer(self.socket.recv(65536))
            except (TimeoutError, ConnectionError):
                return None
            if answer.mid == int.from_bytes(mid, "big"):
                return answer

    def put(self, path, payload, content_format=None, kind=CON, options=(), **how):
        mid, token = self.next()
        given = list(options) + ([(12, number_value(content_format))] if content_format is not None else [])
        return self.exchange(request(kind, PUT, mid, token, path, payload, given), **how)
