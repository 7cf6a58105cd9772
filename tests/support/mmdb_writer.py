"""Writes small databases of MaxMind's format for tests: write(path, [(network, value), …], record_size). A later network lies within an
earlier one or beside it. Values are dicts, lists, texts, floats (doubles), bools, ints (uint32, uint64 or int32)."""
import ipaddress
import struct


def control(kind, size):
    head = (kind << 5) if kind < 8 else 0
    if size < 29:
        text, more = head | size, b""
    elif size < 285:
        text, more = head | 29, bytes([size - 29])
    else:
        text, more = head | 30, struct.pack(">H", size - 285)
    return bytes([text]) + (bytes([kind - 7]) if kind >= 8 else b"") + more


def encoded(value):
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(encoded(key) + encoded(each) for key, each in value.items())
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encoded, value))
    if isinstance(value, bool):
        return control(14, int(value))
    if isinstance(value, str):
        return control(2, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return control(4, len(value)) + value
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if value < 0:
        return control(8, 4) + struct.pack(">i", value)
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return control(6 if value < 1 << 32 else 9, len(data)) + data


def write(path, networks, record_size=28, database_type="Test"):
    nodes, data, offsets = [[None, None]], b"", {}
    for network, value in networks:
        network = ipaddress.ip_network(network)
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        if network.version == 4:
            bits = "0" * 96 + bits
        text = encoded(value)
        if text not in offsets:
            offsets[text] = len(data)
            data += text
        at = 0
        for number, bit in enumerate(map(int, bits)):
            if number == len(bits) - 1:
                nodes[at][bit] = ("data", offsets[text])
                break
            if not isinstance(nodes[at][bit], int):
                nodes.append([nodes[at][bit]] * 2)  # a wider network holds beside the narrower one
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
    number_of = lambda record: len(nodes) if record is None else record if isinstance(record, int) else len(nodes) + 16 + record[1]
    tree = b""
    for node in nodes:
        left, right = map(number_of, node)
        if record_size == 24:
            tree += left.to_bytes(3, "big") + right.to_bytes(3, "big")
        elif record_size == 28:
            tree += (left & 0xFFFFFF).to_bytes(3, "big") + bytes([(left >> 24) << 4 | right >> 24]) + (right & 0xFFFFFF).to_bytes(3, "big")
        else:
            tree += left.to_bytes(4, "big") + right.to_bytes(4, "big")
    described = {"node_count": len(nodes), "record_size": record_size, "ip_version": 6, "database_type": database_type, "languages": ["en"],
                 "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1767225600, "description": {"en": "for tests"}}
    sized = {"record_size": 5, "ip_version": 5, "binary_format_major_version": 5, "binary_format_minor_version": 5}
    meta = control(7, len(described))
    for key, value in described.items():
        meta += encoded(key)
        if key in sized:
            meta += control(5, 2) + struct.pack(">H", value)
        elif key == "build_epoch":
            meta += control(9, 8) + struct.pack(">Q", value)
        else:
            meta += encoded(value)
    with open(path, "wb") as out:
        out.write(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + meta)
